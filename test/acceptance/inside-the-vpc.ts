import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';

/**
 * Preloaded into a bundle (`node --import`), this puts its process inside a VPC whose databases all stand at the port of this machine that
 * `BREAKWATER_VPC_PORT` names. Nobody has the certificates of RDS: whom TLS would have proved is noted in the file that `BREAKWATER_VPC_LOG`
 * names, and the connection goes on as it is.
 */
const { BREAKWATER_VPC_PORT: port, BREAKWATER_VPC_LOG: log = '' } = process.env;
if (port !== undefined) {
  const { connect } = net.Socket.prototype;
  Object.defineProperty(net.Socket.prototype, 'connect', {
    value(this: net.Socket, ...given: readonly unknown[]) {
      const inside = typeof given[1] === 'string' && given[1].endsWith('.rds.amazonaws.com');
      return Reflect.apply(connect, this, inside ? [Number(port), '127.0.0.1'] : given);
    },
  });
  const proving = tls.connect;
  Object.assign(tls, {
    connect(...given: readonly unknown[]) {
      const { socket, host, ca, rejectUnauthorized }: tls.ConnectionOptions = Object(given[0]);
      if (host?.endsWith('.rds.amazonaws.com') !== true) return Reflect.apply(proving, tls, given);
      const proved = rejectUnauthorized === true && String(ca).includes('BEGIN CERTIFICATE');
      appendFileSync(log, `${host} ${proved ? 'proved' : 'not proved'}\n`);
      return socket;
    },
  });
  syncBuiltinESMExports();
}
