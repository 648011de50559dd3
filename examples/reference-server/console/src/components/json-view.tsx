import styles from './json-view.module.css'

/** A value as JSON, for people who want to see all of it. */
export function JsonView({ value, label }: { readonly value: unknown; readonly label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section aria-label={label} tabIndex={0} className={styles.scroll}>
      <pre>{JSON.stringify(value, null, 2)}</pre>
    </section>
  )
}
