import { BlockList, isIP } from 'node:net';

/**
 * Returns whether a host, as URL.hostname gives it, is this machine. Names are not looked up: only those that can't
 * be another machine count.
 */
export function isThisMachine(host: string): boolean {
  const name = bareHost(host);
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  return isInRange(name, '127.0.0.0/8') || isInRange(name, '::1');
}

/** Returns a host without the brackets of an IPv6 address and without a dot at the end of a full name. */
export function bareHost(host: string): string {
  return host.replace(/^\[|\]$|\.$/g, '').toLowerCase();
}

/** Returns whether `address` equals `range` or lies in it (`10.0.0.0/8`); false where either is no address. */
export function isInRange(address: string, range: string): boolean {
  const [network = '', prefix, ...more] = range.split('/');
  if (isIP(address) === 0 || isIP(network) === 0 || more.length > 0) return false;
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const bits = family === 'ipv6' ? 128 : 32;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  if (length < 0 || length > bits) return false;
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
