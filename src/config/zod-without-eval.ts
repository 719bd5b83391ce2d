import * as z from 'zod'

// Generating code for each schema takes a start longer than checking its few small messages without.
z.config({ jitless: true })
