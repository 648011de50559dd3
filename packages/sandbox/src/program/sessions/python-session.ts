import { PYTHON_EXECUTE } from '../shims/python-execute.ts'
import { PYTHON_PIECES } from '../shims/python-pieces.ts'

/**
 * A program for the Python shim that takes steps from standard input and runs them in one module, one after the other. Its format
 * is that of `step-input.ts` and `step-frame.ts`. A step that exits has failed or is done; the interpreter goes on.
 */
export const PYTHON_SESSION: string = `
import os, sys
try:
    import resource
except ImportError:
    resource = None
${PYTHON_PIECES}${PYTHON_EXECUTE}
mark = sys.argv.pop(1).encode()
# A step that reads standard input finds nothing, rather than the next step.
control = os.dup(0)
os.dup2(os.open('/dev/null', os.O_RDONLY), 0)
main = type(sys)('__main__')
main.__dict__['__builtins__'] = __builtins__
sys.modules['__main__'] = main

def spent():
    if resource is None:
        return 0
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in each)

def memory():
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if resource else 0
    return b' %d' % most if most > 0 else b''

while True:
    nonce, size = take(128, control).split()
    code = take(int(size), control)
    before = spent()
    for stream in (1, 2):
        put(stream, nonce)
    status = flushed(execute(code, 'step.py', main))
    put(2, mark)
    used = b' %d' % (1000 * (spent() - before)) + memory() if resource else b''
    put(1, mark + b':' + nonce + b' %d' % status + used + b'\\n')
    send('/tmp/work/out')
    put(1, bytes(512))
`
