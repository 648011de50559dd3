import { PYTHON_EXECUTE } from './python-execute.ts'
import { PYTHON_PIECES } from './python-pieces.ts'

/**
 * Waits in a started interpreter for one program, runs it in a process of its own, ends what it left behind, and sends
 * back how it ended and what lies below `out/`. Its format is that of `input-frame.ts` and `end-frame.ts`.
 */
export const PYTHON_SHIM: string = `
import os, sys, time
try:
    # Now, while nobody waits.
    from resource import getrusage, RUSAGE_CHILDREN
except ImportError:
    getrusage = None

${PYTHON_PIECES}${PYTHON_EXECUTE}
def run(code, arguments, environment):
    os.environ.update(environment)
    sys.argv = ['main.py', *arguments]
    sys.path.insert(0, os.getcwd())
    main = type(sys)('__main__')
    main.__dict__['__builtins__'] = __builtins__
    sys.modules['__main__'] = main
    status = 120
    try:
        status = execute(code, 'main.py', main)
    finally:
        if 'threading' in sys.modules:
            sys.modules['threading']._shutdown()
        if 'atexit' in sys.modules:
            sys.modules['atexit']._run_exitfuncs()
        status = flushed(status)
    return status

def usage():
    if getrusage is None:
        return b''
    used = getrusage(RUSAGE_CHILDREN)
    said = b' %d' % (1000 * (used.ru_utime + used.ru_stime))
    return said + b' %d' % used.ru_maxrss if used.ru_maxrss > 0 else said

def main():
    os.mkdir('/tmp/work')
    os.chdir('/tmp/work')
    put(1, b'R')
    nonce, blocks = take(128).split()[:2]
    left = int(blocks)
    code, arguments, environment = b'', [], {}
    while left > 0:
        block = take(512)
        left -= 1
        name = block[:100].rstrip(b'\\0').decode()
        size = int(block[124:135] or b'0', 8) if name else 0
        count = -(-size // 512)
        body = take(count * 512)[:size]
        left -= count
        if name == 'c':
            code = body
        elif name.startswith('a/'):
            arguments.append(body.decode())
        elif name.startswith('e/'):
            environment[name[2:]] = body.decode()
        elif name.startswith('w/') and not name.endswith('/'):
            os.makedirs(os.path.dirname(name[2:]) or '.', exist_ok=True)
            with open(name[2:], 'wb') as file:
                file.write(body)
    os.makedirs('out', exist_ok=True)
    child = os.fork()
    if child == 0:
        status = 120
        try:
            status = run(code, arguments, environment)
        finally:
            os._exit(status)
    while True:
        ended, status = os.wait()
        if ended == child:
            break
    try:
        while True:
            # Once is not enough: in gVisor a process that is being born is not hit.
            os.kill(-1, 9)
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.001)
    except OSError:
        pass
    put(2, nonce)
    put(1, nonce + b' %d' % os.waitstatus_to_exitcode(status) + usage() + b'\\n')
    send('/tmp/work/out')
    put(1, bytes(1024))

main()
`
