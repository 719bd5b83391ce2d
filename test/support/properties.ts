import fc from 'fast-check'

/** A property that fails says so, with what is known of it by then: making a large counterexample small can take hours. */
fc.configureGlobal({ interruptAfterTimeLimit: 20_000 })
