import type { components, operations } from './schema.ts'

/** Names of the operations, as `spec/engine.yaml` gives them. */
export type Operation = keyof operations

type Json<Content> = Content extends { 'application/json': infer Body } ? Body : never

/** What the front-end asks: the JSON body of an operation. */
export type Question<Op extends Operation> = operations[Op] extends { requestBody: { content: infer Content } }
  ? Json<Content>
  : never

type Success<Responses> = {
  [Status in keyof Responses & (200 | 201)]: Responses[Status] extends { content: infer Content }
    ? Json<Content>
    : never
}[keyof Responses & (200 | 201)]

/** What the engine answers: the JSON body of the 200 or 201 response. */
export type Answer<Op extends Operation> = operations[Op] extends { responses: infer Responses }
  ? Success<Responses>
  : never

/** The actions an answer may carry. */
export type Action<Op extends Operation> =
  Answer<Op> extends infer A ? (A extends { action: infer Name } ? Name : never) : never

/** The answer that carries one action. */
export type AnswerWith<Op extends Operation, Name extends Action<Op>> = Extract<Answer<Op>, { action: Name }>

/** One handler for every action of an operation: a missing one stops the compiler. */
export type ActionTable<Op extends Operation, Context extends unknown[], Result> = {
  [Name in Action<Op> & string]: (answer: AnswerWith<Op, Name>, ...context: Context) => Result
}

export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]
export type Service = Schema<'Service'>
export type Client = Schema<'Client'>
export type Scope = Schema<'Scope'>
