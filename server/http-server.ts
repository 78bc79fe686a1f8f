import { constants } from 'node:crypto'
import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as HttpsServer, type ServerOptions } from 'node:https'
import express, { type Express } from 'express'
import type { Tls } from './config.ts'

/** Milliseconds a client has to send its headers, and its whole request. */
const headersTimeoutMs = 15_000
const requestTimeoutMs = 30_000

const maxHeaderBytes = 16 * 1024

/**
 * An HTTP server for an Express application, several times cheaper per request than `app.listen()`.
 *
 * Express gives every request and response its own prototype, and V8 then forgets all it has learnt about the object. Here the
 * classes that Node constructs already carry what Express adds, so that Express sets the prototype that is there anyway.
 * The application itself does not notice; behind `app.listen()` it works as well, only slower.
 */
export function createHttpServer(app: Express): Server {
  return createServer(optionsFor(app), app)
}

/** RFC 6749 §3.1, RFC 9325: the same over TLS. It asks nobody for a certificate: browsers would ask the people in front of them. */
export function createHttpsServer(app: Express, { cert, key }: Tls): HttpsServer {
  return createTlsServer({ ...optionsFor(app), ...transport, cert, key }, app)
}

/**
 * RFC 8705 §5: a server that asks clients for a certificate, and takes any. One that signed itself is as good as another until the engine
 * compares it with what the client registered, so the authorities here are a hint to clients which one to present.
 */
export function createMutualTlsServer(app: Express, { cert, key, clientCa }: Tls): HttpsServer {
  const question = { requestCert: true, rejectUnauthorized: false, ca: clientCa ?? [] }
  // A ticket would bring the certificate back without the path to its authority, and without its key.
  const secureOptions = transport.secureOptions | constants.SSL_OP_NO_TICKET
  return createTlsServer({ ...optionsFor(app), ...transport, cert, key, ...question, secureOptions }, app)
}

/** FAPI 2.0 §5.2, RFC 9325 §4.2: forward secrecy and authenticated encryption, or no connection. */
const transport = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [
    ...['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
    ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ].join(':'),
  honorCipherOrder: true,
  ALPNProtocols: ['http/1.1'],
  handshakeTimeout: 10_000,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
} satisfies ServerOptions

function optionsFor(app: Express) {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse extends ServerResponse {}
  Object.defineProperties(ExpressRequest.prototype, propertiesFor(app, express.request))
  Object.defineProperties(ExpressResponse.prototype, propertiesFor(app, express.response))
  Object.assign(app, { request: ExpressRequest.prototype, response: ExpressResponse.prototype })

  return {
    IncomingMessage: ExpressRequest,
    ServerResponse: ExpressResponse,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // How often the two limits are looked at. Node's 30 seconds would double them.
    connectionsCheckingInterval: 5_000,
  }
}

/** What Express adds to a request or response, and the application it belongs to. */
function propertiesFor(app: Express, additions: object): PropertyDescriptorMap {
  return {
    ...Object.getOwnPropertyDescriptors(additions),
    app: { value: app, configurable: true, enumerable: true, writable: true },
  }
}
