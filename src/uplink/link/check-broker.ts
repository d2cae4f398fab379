import type { Clock } from '../../platform/clock.js';
import { type CertificateTerm, classifyBrokerError, connectMqtt, type MqttOptions } from '../../platform/mqtt/index.js';

/** What a broker is, as `parapet doctor` tells it. */
export interface BrokerReport {
  readonly protocol: '5' | '3.1.1';
  /** From the first packet to the broker's acceptance, milliseconds. */
  readonly connectMs: number;
  readonly receiveMaximum: number;
  /** Bytes. */
  readonly maximumPacketBytes: number;
  readonly retainAvailable: boolean;
  /** None without TLS. */
  readonly certificates: readonly CertificateTerm[];
}

/**
 * Connects once under a client id of its own, so that a running agent is not thrown out, and leaves again.
 *
 * @throws {AgentError} BROKER_UNREACHABLE, BROKER_REFUSED, FILE_INVALID or CONFIG_INVALID, with one line that names the mend.
 */
export async function checkBroker(mqtt: MqttOptions, clock: Clock, signal?: AbortSignal): Promise<BrokerReport> {
  const startMs = clock.monotonic();
  try {
    const link = await connectMqtt({
      mqtt: { ...mqtt, clientId: `${mqtt.clientId}-check-${process.pid}` },
      clock,
      cleanStart: true,
      onMessage: () => undefined,
      ...(signal === undefined ? {} : { signal }),
    });
    const connectMs = clock.monotonic() - startMs;
    await link.end();
    const { receiveMaximum, maximumPacketBytes, retainAvailable, certificates } = link;
    const protocol = link.protocolVersion === 5 ? '5' : '3.1.1';
    return { protocol, connectMs, receiveMaximum, maximumPacketBytes, retainAvailable, certificates };
  } catch (error) {
    signal?.throwIfAborted();
    throw classifyBrokerError(error, mqtt.url);
  }
}
