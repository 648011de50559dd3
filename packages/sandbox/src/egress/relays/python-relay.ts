import { MAX_FRAME_BYTES, WINDOW_BYTES } from '../relay-frames.ts'
import { RELAY_PORT } from '../relay-place.ts'

/**
 * Listens in a sandbox and carries what comes in frames over its standard streams, for Python. It writes `R` once it listens. Both
 * windows bound what it keeps.
 */
export const PYTHON_RELAY: string = `
import os, select, socket

def put(kind, number, data=b''):
    view = memoryview(kind + number.to_bytes(2, 'big') + len(data).to_bytes(2, 'big') + data)
    while view:
        view = view[os.write(1, view):]

class Carried:
    def __init__(self, socket):
        self.socket = socket
        self.unsent = bytearray()
        self.credit = ${WINDOW_BYTES}
        self.has_ended = False
        self.is_last = False
        self.is_shut = False

carried = {}
by_socket = {}
heard = bytearray()
counter = 0
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', ${RELAY_PORT}))
server.listen(64)
server.setblocking(False)

def drop(number):
    each = carried.pop(number, None)
    if each is not None:
        del by_socket[each.socket]
        each.socket.close()

def fail(number):
    put(b'X', number)
    drop(number)

def settle(number, each):
    if each.is_last and not each.unsent and not each.is_shut:
        each.is_shut = True
        each.socket.shutdown(socket.SHUT_WR)
    if each.is_shut and each.has_ended:
        fail(number)

def hear():
    data = os.read(0, 65536)
    if not data:
        os._exit(0)
    heard.extend(data)
    while len(heard) >= 5:
        kind = heard[0:1]
        number = int.from_bytes(heard[1:3], 'big')
        length = int.from_bytes(heard[3:5], 'big')
        if len(heard) < 5 + length:
            break
        body = bytes(heard[5:5 + length])
        del heard[:5 + length]
        each = carried.get(number)
        if each is None:
            continue
        if kind == b'D':
            each.unsent.extend(body)
        elif kind == b'A':
            each.credit += int.from_bytes(body, 'big')
        elif kind == b'E':
            each.is_last = True
            settle(number, each)
        elif kind == b'X':
            drop(number)

def accept():
    global counter
    try:
        incoming, _ = server.accept()
    except OSError:
        return
    incoming.setblocking(False)
    counter = counter % 65535 + 1
    while counter in carried:
        counter = counter % 65535 + 1
    each = Carried(incoming)
    carried[counter] = each
    by_socket[incoming] = counter
    put(b'O', counter)

put(b'R', 0)
while True:
    inputs = [0, server] if len(carried) < 128 else [0]
    inputs += [each.socket for each in carried.values() if each.credit > 0 and not each.has_ended]
    outputs = [each.socket for each in carried.values() if each.unsent]
    readable, writable, _ = select.select(inputs, outputs, [])
    if 0 in readable:
        hear()
    if server in readable:
        accept()
    for ready in writable:
        number = by_socket.get(ready)
        if number is None:
            continue
        each = carried[number]
        try:
            sent = ready.send(each.unsent)
            del each.unsent[:sent]
            put(b'A', number, sent.to_bytes(4, 'big'))
            settle(number, each)
        except BlockingIOError:
            pass
        except OSError:
            fail(number)
    for ready in readable:
        number = by_socket.get(ready) if ready not in (0, server) else None
        if number is None:
            continue
        each = carried[number]
        try:
            data = ready.recv(min(each.credit, ${MAX_FRAME_BYTES}))
            if data:
                each.credit -= len(data)
                put(b'D', number, data)
            else:
                each.has_ended = True
                put(b'E', number)
                settle(number, each)
        except BlockingIOError:
            pass
        except OSError:
            fail(number)
`
