// The style of the house: neostandard, with its TypeScript rules.
import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    rules: {
      '@stylistic/max-len': ['error', { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreUrls: true, ignoreRegExpLiterals: true, ignoreComments: true }],
      '@stylistic/object-property-newline': 'off',
      '@stylistic/brace-style': ['error', '1tbs', { allowSingleLine: true }],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'use the client of the vendor, which has a deadline' }]
    }
  },
  { files: ['connectors/**', 'src/drafter/**', 'src/bridge/**', 'test/**', 'scripts/**'], rules: { 'no-restricted-globals': 'off' } }
]
