const FACTORS: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** The number that a quantity of Kubernetes stands for, such as 0.25 for `250m`; NaN for what is none. */
export function quantityOf(text: string): number {
  const [, number = 'NaN', unit = ''] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text) ?? []
  return Number(number) * (FACTORS[unit] ?? Number.NaN)
}
