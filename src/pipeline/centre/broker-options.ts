import type { MqttConfig } from '../../config/schema.js';
import type { MqttOptions } from '../../platform/mqtt/index.js';

/**
 * How the broker of a config is reached.
 *
 * @throws {RangeError} when the config names no broker.
 */
export function brokerOptions(mqtt: MqttConfig): Omit<MqttOptions, 'clientId'> {
  if (mqtt.url === null) throw new RangeError('the config names no broker');
  return {
    url: mqtt.url,
    username: mqtt.username,
    password: mqtt.password,
    keepaliveMs: mqtt.keepalive,
    sessionExpiryMs: mqtt.session_expiry,
    tls: mqtt.tls,
  };
}
