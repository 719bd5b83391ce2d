import { loginUrl } from './account.ts'
import { UsageError } from './arguments.ts'
import { type Command, CommandError } from './outcome.ts'

const hint = 'This is a simulation: type any code of six characters or more, for example 123456.'

/** Prints where to sign in and which code to type, and does not wait. */
export const login: Command = async () => ({
  document: { url: loginUrl, next: 'membrane login complete <code>', hint },
  text: `Open this link to sign in (simulated: there is no page):\n\n  ${loginUrl}\n\nThen: membrane login complete <code>\n${hint}`,
})

/** Signs in with any code of six characters or more, except `wrong-code`. */
export const completeLogin: Command = async ({ positionals: [code] }, { store }) => {
  if (code === undefined) throw new UsageError('login complete needs the code')
  if (code.length < 6 || code === 'wrong-code')
    throw new CommandError(`Login failed: the code is invalid or has expired. ${hint}`)
  await store.account.change(async (account) => {
    account.signedIn = true
    return { result: undefined, save: true }
  })
  return { document: { status: 'ok', workspaceKey: 'sandbox' }, text: 'Logged in to the workspace sandbox.' }
}

export const status: Command = async (_, { store }) => {
  const { signedIn } = await store.account.read()
  return {
    document: { loggedIn: signedIn, ...(signedIn ? { workspaceKey: 'sandbox' } : {}) },
    text: signedIn
      ? '\u001b[32mLogged in\u001b[39m\nWorkspace: sandbox'
      : '\u001b[31mNot logged in\u001b[39m',
  }
}
