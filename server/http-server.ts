import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http'
import express, { type Express } from 'express'

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
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse extends ServerResponse {}
  Object.defineProperties(ExpressRequest.prototype, propertiesFor(app, express.request))
  Object.defineProperties(ExpressResponse.prototype, propertiesFor(app, express.response))
  Object.assign(app, { request: ExpressRequest.prototype, response: ExpressResponse.prototype })

  return createServer(
    {
      IncomingMessage: ExpressRequest,
      ServerResponse: ExpressResponse,
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // How often the two limits are looked at. Node's 30 seconds would double them.
      connectionsCheckingInterval: 5_000,
    },
    app,
  )
}

/** What Express adds to a request or response, and the application it belongs to. */
function propertiesFor(app: Express, additions: object): PropertyDescriptorMap {
  return {
    ...Object.getOwnPropertyDescriptors(additions),
    app: { value: app, configurable: true, enumerable: true, writable: true },
  }
}
