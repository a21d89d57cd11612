import type { TransportConfiguration } from '../config/provider/transport-configuration.ts';
import type { TransportSettings } from '../konaplate/transport/connector.ts';

/** Secrets given out, for the client alone. */
export function revealTransport({ proxy, tls }: TransportConfiguration): TransportSettings {
  const { ca, client } = tls;
  return {
    proxyUrl: proxy?.reveal() ?? null,
    ca,
    clientCertificate: client && { certificate: client.certificate, key: client.key.reveal() },
  };
}
