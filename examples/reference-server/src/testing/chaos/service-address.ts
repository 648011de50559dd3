import { openTcpLine } from '../tcp-line.ts'

/** An address that stays while the server behind it changes, as a service of Kubernetes has it. */
export interface ServiceAddress {
  /** As the server's own address, with another port. */
  readonly address: string
  /** Ends each connection, and leads new ones to the server at another address; undefined: to none. */
  leadTo(address: string | undefined): void
  close(): Promise<void>
}

/** Opens an address that leads to the server at `address`, a URL, at first. */
export async function openServiceAddress(address: string): Promise<ServiceAddress> {
  let target: URL | undefined = new URL(address)
  const line = await openTcpLine(address, { target: () => target })
  return {
    address: line.address,
    leadTo: (next) => {
      target = next === undefined ? undefined : new URL(next)
      line.cut()
    },
    close: async () => {
      target = undefined
      await line.close()
    },
  }
}
