/**
 * Bundles the program: `node packaging/build.mjs [source folder] [output folder]`. Dependencies written as CommonJS
 * ask for `require` and `__filename`, which the banner gives them.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const [source = join(root, 'src'), outdir = join(root, 'dist')] = process.argv.slice(2)

await rm(outdir, { recursive: true, force: true })
await build({
  entryPoints: { main: join(source, 'main.ts'), sandbox: join(source, 'sandbox', 'cli.ts') },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minify: true,
  keepNames: true,
  sourcemap: true,
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'none',
  // A crash prints the source line it came from.
  lineLimit: 160,
  logLevel: 'warning',
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';import{fileURLToPath as __fileURLToPath}from'node:url';const require=__createRequire(import.meta.url),__filename=__fileURLToPath(import.meta.url);",
  },
})
