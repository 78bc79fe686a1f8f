import type { paths } from '../../sdk/schema.ts'

type Verb = 'get' | 'post' | 'put' | 'delete'

type RouteAt<Path extends keyof paths> = {
  [Name in Verb]: paths[Path][Name] extends undefined ? never : `${Uppercase<Name>} ${Path}`
}[Verb]

/** Every operation of spec/engine.yaml as `METHOD /path`. */
export type Route = { [Path in keyof paths]: RouteAt<Path> }[keyof paths]
export type RouteOfService = Extract<Route, `${string} /api/{serviceId}/${string}`>
export type RouteOfEngine = Exclude<Route, RouteOfService>

type OperationAt<Key extends Route> = Key extends `${infer Method} ${infer Path extends keyof paths}`
  ? paths[Path][Lowercase<Method> & Verb]
  : never

/** The body of an operation; undefined when it has none. */
export type QuestionAt<Key extends Route> =
  OperationAt<Key> extends { requestBody: { content: { 'application/json': infer Body } } } ? Body : undefined

/** What an operation answers when all went well: an object for JSON, a string for text, undefined for no content. */
export type AnswerAt<Key extends Route> =
  OperationAt<Key> extends { responses: infer Responses }
    ? {
        [Status in keyof Responses & (200 | 201 | 204)]: Responses[Status] extends { content: infer Content }
          ? Content[keyof Content]
          : undefined
      }[keyof Responses & (200 | 201 | 204)]
    : never

/** An implementation for each of the routes. */
export type OperationTable<Routes extends Route, OperationContext> = {
  [Key in Routes]: (question: QuestionAt<Key>, context: OperationContext) => Promise<AnswerAt<Key>>
}

/** Fits an operation that is asked without a body into the table. */
export function withoutBody<OperationContext, Answer>(
  operate: (context: OperationContext) => Promise<Answer>,
): (question: undefined, context: OperationContext) => Promise<Answer> {
  return (_question, context) => operate(context)
}
