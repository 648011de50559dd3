import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** What the server puts a fresh value in the place of, each time that it sends the page. */
const NONCE_PLACE = '__CSP_NONCE__'

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react()],
  html: { cspNonce: NONCE_PLACE },
  clearScreen: false,
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // What is inlined as data: would have to be allowed by the policy of the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
  },
})
