/**
 * Functions of the Python shim and of the sessions: reading from the host, writing to it, and sending what lies below a
 * folder as a tar archive, without its end.
 */
export const PYTHON_PIECES: string = `
def take(size, source=0):
    parts = []
    while size > 0:
        part = os.read(source, min(size, 1 << 16))
        if not part:
            os._exit(97)
        parts.append(part)
        size -= len(part)
    return b''.join(parts)

def put(fd, data):
    os.set_blocking(fd, True)
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]

def entry(name, size, kind):
    block = bytearray(512)
    raw = os.fsencode(name)
    if len(raw) > 100:
        kind = b'L'
    block[0:min(len(raw), 100)] = raw[:100]
    block[100:108] = b'0000644\\0'
    block[124:136] = b'%011o\\0' % size
    block[148:156] = b'        '
    block[156:157] = kind
    block[257:265] = b'ustar\\x0000'
    block[148:156] = b'%06o\\0 ' % sum(block)
    return bytes(block)

def send(folder, to='out'):
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = folder + '/' + name
        name = to + '/' + name
        try:
            if os.path.islink(path):
                put(1, entry(name, 0, b'2'))
            elif os.path.isdir(path):
                send(path, name)
            elif not os.path.isfile(path):
                put(1, entry(name, 0, b'3'))
            else:
                file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
                size = os.fstat(file).st_size
                put(1, entry(name, size, b'0'))
                left = size
                while left > 0:
                    part = os.read(file, min(left, 1 << 16)) or bytes(min(left, 1 << 16))
                    put(1, part)
                    left -= len(part)
                os.close(file)
                put(1, bytes(-size % 512))
        except OSError:
            put(1, entry(name, 0, b'3'))
`
