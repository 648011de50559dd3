import { quantityOf } from '../quantity.ts'

/** The thousandths of a quantity of Kubernetes, rounded up as the API server does. */
export function milliOf(quantity: string | number): number {
  const value = quantityOf(String(quantity))
  if (Number.isNaN(value)) throw new Error(`${quantity} is no quantity that is read here`)
  return Math.ceil(Number((value * 1000).toPrecision(15)))
}
