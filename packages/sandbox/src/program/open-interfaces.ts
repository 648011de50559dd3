/** Loopback, and the tunnel ends that some kernels put into every namespace, without an address. */
const HARMLESS_INTERFACE = /^(lo|tunl0|sit0|ip6tnl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|ip6gre0)$/

/** The network interfaces by which one may get out, from the text of `/proc/net/dev`. */
export function openInterfaces(text: string): readonly string[] {
  const names = [...text.matchAll(/^\s*([\w.@-]+):/gm)].map(([, name = '']) => name)
  return names.filter((name) => !HARMLESS_INTERFACE.test(name))
}
