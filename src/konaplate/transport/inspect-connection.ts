import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import { Client, type buildConnector } from 'undici';
import { readProgramVersion } from '../../config/program-version.ts';
import { codeOf, messageOf } from '../../domain/error-words.ts';
import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import { doubtCertificateEnd } from '../certificate-end.ts';
import { parseBaseUrl } from '../provider-settings.ts';
import { readServerDate } from '../response-headers.ts';
import { probeClientCertificate } from './certificate-probe.ts';
import { connectTimeoutOf } from './connection-pool.ts';
import { createConnector, type TransportSettings } from './connector.ts';
import { parseProxyUrl } from './proxy-tunnel.ts';
import { readSetUpFault } from './set-up-fault.ts';

export interface InspectedConnection {
  readonly findings: readonly Finding[];
  /** The provider's clock from one answer, and our clock before and after; null: the answer had no Date. */
  readonly dated: { readonly serverDate: Date; readonly sentAt: Date; readonly heardAt: Date } | null;
}

interface Inspection {
  readonly baseUrl: string;
  readonly transport: TransportSettings;
  readonly timeoutMs: number;
  readonly now: () => Date;
  readonly stop: AbortSignal;
}

/**
 * Checks whether a call would reach the provider: name, connection, proxy, certificates. It sends only one `HEAD /`,
 * which changes nothing by RFC 9110, without keys, without a body, and to no address that registers. Any answer tells
 * the provider's clock. Never rejects.
 */
export async function inspectConnection(inspection: Inspection): Promise<InspectedConnection> {
  const { baseUrl, transport } = inspection;
  const { protocol, hostname, port } = new URL(baseUrl);
  const isSecure = protocol === 'https:';
  const name = bare(hostname);
  const proxy = isSecure && transport.proxyUrl !== null ? parseProxyUrl(transport.proxyUrl) : null;
  const route =
    proxy === null
      ? isSecure
        ? [fine('proxy', 'none: the provider is spoken to directly')]
        : []
      : [fine('proxy', `${proxy.host}:${proxy.port} stands between`)];
  const lost = await inspectName(proxy?.host ?? name);
  if (lost !== null) return { findings: [...route, lost], dated: null };
  const { findings, dated } = await inspectAnswer(
    inspection,
    `${name}:${port === '' ? (isSecure ? 443 : 80) : port}`,
  );
  const shown = transport.clientCertificate === null ? [] : await inspectOwnCertificate(inspection);
  return { findings: [...route, ...findings, ...shown], dated };
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Returns null where the name resolves or is an address. Behind a proxy, the proxy resolves the provider's name. */
async function inspectName(host: string): Promise<Finding | null> {
  if (isIP(host) !== 0) return null;
  try {
    await lookup(host);
    return null;
  } catch (error) {
    const code = error instanceof Error ? codeOf(error) : 'unknown';
    const cure = 'correct the host, or look into the name service of this machine';
    return fault('provider', `the name ${host} leads to no machine (${code})`, cure);
  }
}

async function inspectAnswer(inspection: Inspection, place: string): Promise<InspectedConnection> {
  const { baseUrl, transport, timeoutMs, now, stop } = inspection;
  let peer: { readonly certificate: PeerCertificate; readonly protocol: string | null } | null = null;
  const connect = createConnector(transport, connectTimeoutOf(timeoutMs));
  const watched: buildConnector.connector = (target, callback) => {
    connect(target, (...result) => {
      const [, socket] = result;
      if (socket instanceof TLSSocket) {
        peer = { certificate: socket.getPeerCertificate(), protocol: socket.getProtocol() };
      }
      callback(...result);
    });
  };
  const client = new Client(parseBaseUrl(baseUrl).origin, { connect: watched, allowH2: false });
  const certificate = (): readonly Finding[] => (peer === null ? [] : tellCertificate(peer, now()));
  try {
    const sentAt = now();
    const { headers, statusCode, body } = await client.request({
      method: 'HEAD',
      path: '/',
      headers: { 'user-agent': `kona-enroll/${readProgramVersion()}` },
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
    });
    await body.dump();
    const serverDate = readServerDate(headers);
    const answered = fine('provider', `${place} answers (HTTP ${statusCode} to HEAD /, sent without keys)`);
    return {
      findings: [answered, ...certificate()],
      dated: serverDate === null ? null : { serverDate, sentAt, heardAt: now() },
    };
  } catch (error) {
    const told =
      peer === null
        ? tellFailure(error, place)
        : doubt('provider', `${place} takes connections, but does not answer HEAD / (${messageOf(error)})`);
    return { findings: [told, ...certificate()], dated: null };
  } finally {
    await client.destroy();
  }
}

function tellFailure(error: unknown, place: string): Finding {
  const setUpFault = readSetUpFault(error);
  if (setUpFault !== null) return fault('provider', `${place}: ${setUpFault.sentence}`);
  const words = error instanceof Error ? `${codeOf(error)}: ${messageOf(error)}` : String(error);
  return fault(
    'provider',
    `no connection to ${place} (${words})`,
    'look into the network and its firewall, a proxy (HTTPS_PROXY), or correct host and port',
  );
}

/**
 * Describes the certificate. A connection exists only if it was accepted, so it is complete and for the right name.
 */
function tellCertificate(
  { certificate, protocol }: { readonly certificate: PeerCertificate; readonly protocol: string | null },
  now: Date,
): Finding[] {
  const about = 'certificate';
  const end = new Date(certificate.valid_to);
  const [issuer] = [certificate.issuer.O ?? certificate.issuer.CN].flat();
  const until = end.toISOString().slice(0, 10);
  return [
    fine(about, `the provider’s, by ${issuer ?? 'an unnamed issuer'}, until ${until} (${protocol ?? 'TLS'})`),
    ...doubtCertificateEnd(about, 'the provider’s server', end, now),
  ];
}

async function inspectOwnCertificate(inspection: Inspection): Promise<Finding[]> {
  const { transport, now } = inspection;
  const about = 'certificate';
  if (transport.clientCertificate === null) return [];
  const end = new X509Certificate(transport.clientCertificate.certificate).validToDate;
  const reception = await probeClientCertificate(inspection);
  const soon = doubtCertificateEnd(about, 'KONA_TLS_CERTIFICATE', end, now());
  if (reception.kind === 'refused') return [fault(about, reception.sentence), ...soon];
  if (reception.kind !== 'accepted') return soon;
  return [fine(about, `ours is accepted, until ${end.toISOString().slice(0, 10)}`), ...soon];
}
