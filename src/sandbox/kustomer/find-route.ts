import { type Route, routes } from './routes.ts'

const compiled = routes.map((route) => ({
  route,
  expression: new RegExp(`^${route.pattern.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}))

export interface Match {
  route: Route
  params: Record<string, string>
}

/** Finds the route for a method and a path, with the decoded values in the path. */
export function findRoute(method: string, path: string): Match | undefined {
  for (const { route, expression } of compiled) {
    const found = route.method === method ? expression.exec(path) : null
    if (found !== null) {
      const values = Object.entries(found.groups ?? {})
      return { route, params: Object.fromEntries(values.map(([name, value]) => [name, decoded(value)])) }
    }
  }
  return undefined
}

/** A value with a broken percent-encoding stands for itself. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
