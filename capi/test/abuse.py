#!/usr/bin/env python3
"""Generates calls that nobody should make, of every function of the header: `abuse.py HEADER >calls.c`.

For each function, from a call that is right: each pointer NULL, and misaligned, and at memory full of ones; each length 0,
and larger than memory can be; each object zeroed, full of ones, copied to another place, and in the state that it has after an
error or an end; each number out of its enumeration. What must come of it follows from the rules at the head of the header. A
function that has no line in the table below is an error.
"""
import re
import sys

header = open(sys.argv[1], encoding='utf-8').read()
bare = re.sub(r'/\*.*?\*/', '', header, flags=re.S)

OBJECTS = {'cc_decoder': 'decoder', 'cc_encoder': 'encoder', 'cc_measure': 'measure', 'cc_framing': 'framing',
           'cc_client': 'client', 'cc_call': 'call', 'cc_gate': 'gate', 'cc_reader': 'reader'}
# In which scenes each is besides the one that a function wants: nothing may crash in any.
SCENES = {
    'cc_decoder': ['DECODER', 'DECODER_FAILED', 'DECODER_ENDED'],
    'cc_encoder': ['ENCODER', 'ENCODER_BODY', 'ENCODER_FAILED', 'ENCODER_ENDED'],
    'cc_measure': ['MEASURE', 'MEASURE_FAILED'],
    'cc_framing': ['FRAMING'],
    'cc_client': ['CLIENT', 'CLIENT_FAILED', 'CLIENT_ENDED', 'CALL', 'CALL_FAILED', 'CALL_ENDED'],
    'cc_call': ['CALL', 'CALL_FAILED', 'CALL_BODY', 'CALL_READS', 'CALL_ENDED', 'CALL_OVER', 'CLIENT_ENDED'],
    'cc_gate': ['GATE', 'GATE_ALLOWED', 'GATE_HTTP', 'GATE_REFUSED'],
    'cc_reader': ['READER', 'READER_DONE', 'READER_REFUSED'],
}

# The scene, then `NAME=EXPRESSION` for arguments that are none of the usual ones, `?NAME` for pointers that may be NULL,
# `init` for what initialises its object, `name!RESULT` for a number that is too large, `=RESULT` for the right call.
TABLE = '''
cc_abi_version            plain
cc_error_name             plain
cc_error_text             plain
cc_method_name            plain
cc_data_text              plain
cc_data_json              plain
cc_data_bytes             plain
cc_data_base64            plain
cc_data_again             plain
cc_error_code             NOTHING kind=CC_ERR_REQUEST_TOO_LARGE
cc_text_len               NOTHING
cc_text_encoded_len       NOTHING
cc_text_decode            NOTHING
cc_text_eq                NOTHING
cc_base64_encode          NOTHING
cc_base64_decode          NOTHING input="YWJj" input_len=4
cc_data_len               NOTHING
cc_data_decode            NOTHING
cc_headers_next           NOTHING
cc_headers_get            NOTHING name=CC_STR("x-a")
cc_cookies_next           NOTHING
cc_request_decode         NOTHING limit=CC_REQUEST_LIMIT limit!CC_OK
cc_request_measure        NOTHING
cc_request_encode         NOTHING
cc_reply_decode           NOTHING limit=CC_REPLY_LIMIT limit!CC_ERR_MISSING_FIELD =CC_ERR_MISSING_FIELD
cc_reply_measure          NOTHING
cc_reply_encode           NOTHING
cc_reply_code             NOTHING =CC_END
cc_message_parse          NOTHING
cc_code_message           NOTHING code=CC_CODE_REQUEST_TOO_LARGE
cc_retry_of_error         NOTHING error=&s.other_error
cc_retry_of_reply         NOTHING
cc_retry_of_code          NOTHING code=-1
cc_request_decoder_init   NOTHING init
cc_reply_decoder_init     NOTHING init
cc_decoder_set_limit      DECODER limit!CC_OK
cc_decoder_set_length     DECODER length!CC_OK
cc_decoder_window         DECODER
cc_decoder_commit         DECODER count!CC_ERR_ARGUMENT
cc_decoder_end            DECODER
cc_decoder_is_ended       DECODER
cc_decoder_step           DECODER
cc_decoder_skip           DECODER
cc_decoder_outcome        DECODER_ENDED
cc_request_encoder_init   NOTHING init ?body
cc_reply_encoder_init     NOTHING init ?body body=NULL
cc_encoder_step           ENCODER
cc_encoder_wrote          ENCODER count!CC_OK
cc_encoder_read           ENCODER_BODY count=2 count!CC_ERR_ARGUMENT
cc_encoder_len            ENCODER ?len ?written
cc_measure_init           NOTHING init kind=CC_DATA_JSON
cc_measure_window         MEASURE
cc_measure_read           MEASURE count=0 count!CC_ERR_ARGUMENT
cc_measure_finish         MEASURE =CC_ERR_UNEXPECTED_END
cc_framing_http           NOTHING init
cc_framing_line           NOTHING init
cc_framing_checked_line   NOTHING init
cc_framing_domain         NOTHING init
cc_framing_open_api       NOTHING init
cc_framing_set_path       FRAMING path=CC_STR("/p")
cc_framing_set_headers    FRAMING
cc_open_api_host          NOTHING
cc_retries_next           NOTHING ?error ?outcome error=NULL method=CC_GET
cc_client_init            FRAMING init
cc_client_connect         CLIENT
cc_client_connected       CLIENT
cc_client_is_ready        CLIENT
cc_client_next_call       CLIENT
cc_client_call            CLIENT
cc_client_call_retrying   CLIENT
cc_client_end             CLIENT
cc_client_abandon         CLIENT
cc_call_start             CLIENT init ?body
cc_call_send              CALL ?read ?context read=NULL context=NULL
cc_call_receive           CALL
cc_call_next              CALL
cc_call_step              CALL
cc_call_wrote             CALL count!CC_OK
cc_call_read_body         CALL_BODY count=2 count!CC_ERR_ARGUMENT
cc_call_read              CALL_READS count=1 count!CC_ERR_ARGUMENT
cc_call_skip              CALL
cc_call_outcome           CALL_ENDED
cc_call_id                CALL
cc_call_end               CALL
cc_refusal_of_code        NOTHING code=-1
cc_refusal_of_error       NOTHING error=&s.other_error
cc_refusal_encode         NOTHING ?call_id
cc_gate_decode            NOTHING init ?refusal
cc_gate_request           GATE
cc_gate_allow             GATE ?caller ?permission ?refusal
cc_gate_http              GATE_ALLOWED ?http ?refusal
cc_gate_target            GATE_HTTP
cc_gate_body              GATE_HTTP
cc_gate_body_in_envelope  GATE_HTTP
cc_gate_headers           GATE_HTTP
cc_gate_http1             GATE_HTTP
cc_gate_keeps_alive       GATE_HTTP status=200
cc_gate_reply             GATE_HTTP ?refusal
cc_reader_init            GATE init
cc_reader_init_plain      NOTHING init
cc_reader_window          READER
cc_reader_commit          READER ?refusal count=1 count!CC_ERR_ARGUMENT
cc_reader_keeps_alive     READER
cc_reader_reply           READER_DONE ?refusal ?call_id ?status
cc_reader_parts           READER_DONE ?refusal headers=s.header_array
cc_is_protected_header    NOTHING
cc_identity_read          NOTHING =CC_END
cc_line_split             NOTHING ?checked must=0
cc_line_check             NOTHING
'''

# Where an argument comes from by its type and name, or its type alone.
USUAL = {
    'const uint8_t *envelope': 's.input', 'const uint8_t *input': 's.input', 'const uint8_t *line': 's.input',
    'size_t len': None, 'size_t input_len': None, 'size_t size': None, 'size_t capacity': None, 'size_t count': None,
    'uint8_t *window': 's.window', 'uint8_t *buffer': 's.buffer', 'char *buffer': '(char *)s.buffer',
    'void *buffer': 's.buffer',
    'size_t *len': '&s.len', 'size_t *written': '&s.other_len', 'size_t *envelope_len': '&s.len',
    'size_t *count': '&s.len',
    'const uint8_t **body': '&s.pointer', 'const uint8_t **envelope': '&s.pointer', 'uint8_t **room': '&s.room',
    'cc_text *name': '&s.name', 'cc_text *value': '&s.value', 'cc_text *cookie': '&s.value', 'cc_text *id': '&s.value',
    'const cc_header *headers': 's.header_array', 'cc_text_header *headers': 's.text_headers',
    'int32_t method': 'CC_GET', 'int32_t abroad': '0', 'uint64_t *number': '&s.number', 'uint32_t *wait_ms': '&s.wait',
    'cc_str *message': '&s.str',
}
BY_TYPE = {
    'cc_str': 's.str', 'int32_t *': '&s.flag', 'cc_error *': '&s.error', 'const cc_text *': '&s.text',
    'const cc_data *': '&s.data', 'const cc_headers *': '&s.headers', 'cc_headers_iter *': '&s.headers_iter',
    'const cc_cookies *': '&s.cookies', 'cc_cookies_iter *': '&s.cookies_iter', 'cc_request *': '&s.request',
    'const cc_request *': '&s.request', 'cc_reply *': '&s.reply', 'const cc_reply *': '&s.reply',
    'cc_message *': '&s.message', 'cc_retry *': '&s.retry', 'cc_event *': '&s.event', 'cc_outcome *': '&s.outcome',
    'const cc_outcome *': '&s.outcome', 'const cc_body *': '&s.body', 'cc_body *': '&s.body', 'cc_step *': '&s.step',
    'cc_retries *': '&s.retries', 'const cc_client_options *': '&s.options', 'cc_refusal *': '&s.refusal',
    'const cc_refusal *': '&s.refusal', 'const cc_access *': '&s.access', 'const cc_caller *': '&s.caller',
    'cc_http_parts *': '&s.parts', 'cc_identity *': '&s.identity',
    'cc_permission *': '&s.permission', 'cc_http_request *': '&s.http', 'const cc_http_response *': '&s.response',
    'size_t': '0',
}
# How much memory is behind a pointer, for the length that follows it.
LENGTHS = {'s.input': 's.input_len', 's.buffer': 'sizeof s.buffer', '(char *)s.buffer': 'sizeof s.buffer',
           's.window': 'sizeof s.window', 's.header_array': '2', 's.text_headers': 'CC_GATE_HEADERS_MAX'}
BYTES = ('uint8_t', 'char', 'void')


def parameters(text):
    text = ' '.join(text.split())
    if text == 'void':
        return []
    found = []
    depth = start = 0
    for at, character in enumerate(text + ','):
        depth += {'(': 1, ')': -1}.get(character, 0)
        if character == ',' and depth == 0:
            one = text[start:at].strip()
            start = at + 1
            function = re.fullmatch(r'(\w+) \(\*(\w+)\)(\(.*\))', one)
            if function:
                found.append((None, function[2], one))
            else:
                kind, name = re.fullmatch(r'(.*?)(\w+)', one).groups()
                found.append((kind.strip(), name, one))
    return found


functions = re.findall(r'^([a-z][\w ]*[ *])(cc_\w+)\((.*?)\);', bare, re.M | re.S)
rows = {line.split()[0]: line.split()[1:] for line in TABLE.strip().splitlines()}
missing = [name for _, name, _ in functions if name not in rows]
left = set(rows) - {name for _, name, _ in functions}
if missing or left:
    sys.exit(f'abuse.py has no line for {missing}, and lines for nothing: {sorted(left)}')

out = ['#include "abuse.h"', '', 'int is_result(long result)', '{', '    switch (result) {']
results = re.findall(r'\b(CC_ERR_\w+) = \d+', bare)
out = [out[0], '', 'extern const int32_t all_errors[];', 'extern const size_t all_errors_len;',
       f'const int32_t all_errors[] = {{{", ".join(results)}}};',
       'const size_t all_errors_len = sizeof all_errors / sizeof all_errors[0];', *out[1:]]
out += [f'    case {name}:' for name in ['CC_OK', 'CC_END', *results]]
out += ['        return 1;', '    default:', '        return 0;', '    }', '}', '']
inside = []
for kind, name, text in functions:
    row = rows[name]
    if row[0] == 'plain':
        continue
    scene, rest = row[0], row[1:]
    given = {one.split('=')[0]: one.split('=')[1]
             for one in rest if re.match(r'\w+=', one)}
    too_large = dict(one.split('!') for one in rest if '!' in one)
    nullable = {one[1:] for one in rest if one.startswith('?')} | ({'error'} if 'error' not in given else set())
    right = next((one[1:] for one in rest if one.startswith('=')), 'CC_OK')
    is_init = 'init' in rest
    declarations, names, mutations = [], [], []

    def mutate(what, expected, *statements):
        mutations.append((what, expected, statements))

    mutate('as it should be', right)
    values = {}
    before = None
    for place, (type_of, argument, whole) in enumerate(parameters(text)):
        names.append(argument)
        if type_of is None:
            declarations.append(f'{whole} = {given[argument]};')
            mutate(f'{argument} is a function', 'ANYTHING', f'{argument} = abuse_read_body;')
            before = None
            continue
        base = type_of.replace('const ', '').replace('*', '').strip()
        value = given.get(argument) or USUAL.get(f'{type_of}{"" if type_of.endswith("*") else " "}{argument}')
        is_object = base in OBJECTS and type_of == f'{base} *'
        is_length = type_of == 'size_t' and before is not None and before[0] in LENGTHS.keys() | {given.get(before[1])} \
            and argument in ('len', 'size', 'count', 'capacity', 'input_len')
        if value is None and is_object:
            value = f'&s.{OBJECTS[base]}'
        if value is None and is_length:
            value = LENGTHS[before[0]]
        value = value or BY_TYPE[type_of]
        values[argument] = value
        declarations.append(f'{type_of}{"" if type_of.endswith("*") else " "}{argument} = {value};')
        pointer = type_of.endswith('*')
        if pointer and type_of != 'void *' or argument == 'buffer':
            if argument in nullable:
                mutate(f'{argument} is NULL', 'ALLOWED' if name != 'cc_retries_next' else 'ANYTHING', f'{argument} = NULL;')
            else:
                mutate(f'{argument} is NULL', 'CC_ERR_ARGUMENT', f'{argument} = NULL;')
            if base not in BYTES or type_of.count('*') > 1:
                mutate(f'{argument} is misaligned', 'CC_ERR_ARGUMENT',
                       f'{argument} = ({type_of})(void *)((uint8_t *)(void *)s.buffer + 1);')
        if type_of.startswith('const cc_') and value != 'NULL':
            # What is at the end of memory cannot be as long as it says.
            mutate(f'{argument} is full of ones', 'ANYTHING', f'memset(s.buffer, 0xFF, sizeof *{argument});',
                   f'{argument} = ({type_of})(void *)s.buffer;')
            mutate(f'{argument} is full of zeros', 'ANYTHING', f'memset(s.buffer, 0, sizeof *{argument});',
                   f'{argument} = ({type_of})(void *)s.buffer;')
        if type_of == 'cc_str':
            mutate(f'{argument} has a length, and is NULL', 'CC_ERR_ARGUMENT', f'{argument}.ptr = NULL;', f'{argument}.len = 1;')
            for length in ('SIZE_MAX', 'SIZE_MAX / 2 + 1'):
                mutate(f'{argument} is too long', 'CC_ERR_ARGUMENT', f'{argument}.len = {length};')
            mutate(f'{argument} is not UTF-8', 'ANYTHING', f'{argument}.ptr = "\\xFF";', f'{argument}.len = 1;')
            mutate(f'{argument} is empty', 'ANYTHING', f'{argument}.len = 0;')
            mutate(f'{argument} is nothing', 'ANYTHING', f'{argument}.ptr = NULL;', f'{argument}.len = 0;')
        if is_length:
            for length in ('SIZE_MAX', 'SIZE_MAX / 2 + 1', 'SIZE_MAX - 64'):
                mutate(f'{argument} is too large', 'CC_ERR_ARGUMENT', f'{argument} = {length};')
            mutate(f'{argument} is 0', 'ALLOWED', f'{argument} = 0;')
            mutate(f'{argument} is 0 and {before[1]} NULL', 'ALLOWED', f'{argument} = 0;', f'{before[1]} = NULL;')
        elif type_of == 'size_t':
            expected = too_large[argument]
            for length in ('SIZE_MAX', 'SIZE_MAX / 2 + 1'):
                mutate(f'{argument} is too large', expected, f'{argument} = {length};')
            mutate(f'{argument} is 0', 'ANYTHING', f'{argument} = 0;')
        if type_of == 'int32_t':
            for number in ('-1', '8', 'INT32_MAX', 'INT32_MIN'):
                expected = 'CC_ERR_ARGUMENT' if argument == 'method' or (argument, name) == ('kind', 'cc_measure_init') else 'ANYTHING'
                mutate(f'{argument} is {number}', expected, f'{argument} = {number};')
        if is_object:
            member = OBJECTS[base]
            if is_init and place == 0:
                for byte in ('0', '0xFF'):
                    mutate(f'{argument} had something else in it', right, f'memset({argument}, {byte}, sizeof *{argument});')
            else:
                for byte in ('0', '0xFF', '0x5A'):
                    mutate(f'{argument} was never initialised', 'CC_ERR_STATE',
                           f'memset({argument}, {byte}, sizeof *{argument});')
                mutate(f'{argument} was copied', 'CC_ERR_STATE', f's.other_{member} = s.{member};',
                       f'{argument} = &s.other_{member};')
                for state in SCENES[base]:
                    mutate(f'in the scene {state}', 'ANYTHING', f'set_scene({state});')
                for other, place_of in OBJECTS.items():
                    if other != base:
                        mutate(f'{argument} is a {other}', 'CC_ERR_STATE',
                               f'memset(&s.{member}, 0, sizeof s.{member});',
                               f'memcpy(&s.{member}, &s.{place_of}, sizeof s.{place_of} < sizeof s.{member} ? sizeof s.{place_of} : sizeof s.{member});')
        before = (value, argument) if pointer else None
    body = [f'static long {name[3:]}(void)', '{', '    int way;', f'    for (way = 0; way < {len(mutations)}; way++) {{']
    # The scene comes before the values, some of which are copied from it.
    body += ['        const char *what = "as it should be";', f'        long expected = {right};',
             f'        set_scene({scene});', '        {']
    body += [f'        {line}' for line in declarations]
    body += ['        switch (way) {']
    for at, (what, expected, statements) in enumerate(mutations):
        if at > 0:
            body += [f'        case {at}:', f'            what = "{what}";', f'            expected = {expected};',
                     *(f'            {statement}' for statement in statements), '            break;']
    body += ['        default:', '            break;', '        }',
             f'        judge("{name}", what, expected, {name}({", ".join(names)}));', '        }', '    }',
             f'    return {len(mutations)};', '}', '']
    out += body
    if 'client' in names and not is_init or name == 'cc_call_start' or 'call' in names and not is_init:
        arguments = [given.get(argument) if type_of is None else values[argument]
                     for type_of, argument, _ in parameters(text)]
        inside.append((name, arguments))

out += ['long abuse_all(void)', '{', '    long calls = 0;']
for _, name, _ in functions:
    if rows[name][0] != 'plain':
        out.append(f'    calls += {name[3:]}();')
out += ['    CHECK(cc_error_name(INT32_MIN) != NULL && cc_error_name(INT32_MAX) != NULL);',
        '    CHECK(cc_error_text(INT32_MIN) != NULL && cc_error_text(INT32_MAX) != NULL);',
        '    CHECK(cc_method_name(INT32_MIN) == NULL && cc_method_name(8) == NULL);',
        '    CHECK(cc_abi_version() == CC_ABI);', '    return calls;', '}', '']
out += ['void abuse_inside(void)', '{']
for name, arguments in inside:
    # Its own results would lie where those of the function around it do.
    places = [re.sub(r'^&s\.(error|reply|len|flag|number|event|step|outcome|value)$', r'&t.\1', one) for one in arguments]
    out.append(f'    judge("{name}", "from inside", CC_ERR_STATE, {name}({", ".join(places)}));')
out += ['}']
text = '\n'.join(out) + '\n'
print(text.replace('void abuse_inside(void)\n{', 'static struct all t;\n\nvoid abuse_inside(void)\n{\n    t = s;'), end='')
