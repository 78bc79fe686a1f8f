/**
 * SQL: the rows of a condition, which PostgreSQL holds one after the other in the order of their keys. Every statement that changes several
 * rows of a table says so: of two that want the same rows, the second one waits at the first row, and neither waits for the other.
 */
export function inOrder(table: string, key: string, condition: string): string {
  return `${key} IN (SELECT ${key} FROM ${table} WHERE ${condition} ORDER BY ${key} FOR UPDATE)`
}
