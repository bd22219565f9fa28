<?php
// The service in PHP, for the built-in server and for php-cgi alike.

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
file_put_contents(getenv('SEEN'), "{$_SERVER['REQUEST_METHOD']} {$_SERVER['REQUEST_URI']}\n", FILE_APPEND | LOCK_EX);

function answer(string $type, string $body): void
{
    header("Content-Type: $type");
    echo $body;
}

function json(mixed $value): void
{
    answer('application/json', json_encode($value, JSON_THROW_ON_ERROR | JSON_FORCE_OBJECT));
}

// What many a program asks to learn where a call came from, in the order that is common.
function client_address(): ?string
{
    $names = ['CLIENT_IP', 'X_FORWARDED_FOR', 'X_FORWARDED', 'X_CLUSTER_CLIENT_IP', 'FORWARDED_FOR', 'FORWARDED'];
    foreach ($names as $name) {
        if (isset($_SERVER["HTTP_$name"])) {
            return trim(explode(',', $_SERVER["HTTP_$name"])[0]);
        }
    }
    return null;
}

switch ($path) {
    case '/who':
        $headers = [];
        foreach ($_SERVER as $name => $value) {
            if (str_starts_with($name, 'HTTP_')) {
                $headers[] = [$name, $value];
            }
        }
        foreach (getallheaders() as $name => $value) {
            $headers[] = [$name, $value];
        }
        if (getenv('HTTP_PROXY') !== false) {
            $headers[] = ['HTTP_PROXY', getenv('HTTP_PROXY')];
        }
        $addresses = ['HTTP_CLIENT_IP and so on' => client_address()];
        if (getenv('REMOTE_ADDR_IS_FORWARDED')) {
            $addresses['REMOTE_ADDR'] = $_SERVER['REMOTE_ADDR'];
        }
        answer('application/json', json_encode(['headers' => $headers, 'addresses' => $addresses]));
        break;
    case '/echo':
        answer($_SERVER['CONTENT_TYPE'] ?? 'text/plain', file_get_contents('php://input'));
        break;
    case '/digest':
        $body = file_get_contents('php://input');
        json(['length' => strlen($body), 'sha256' => hash('sha256', $body)]);
        break;
    case '/args':
        answer('text/plain', $_SERVER['QUERY_STRING']);
        break;
    case '/query':
        json($_GET);
        break;
    case '/form':
        json($_POST);
        break;
    case '/cookies':
        header('Set-Cookie: a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT');
        header('Set-Cookie: b=2; Path=/', false);
        break;
    case '/pieces':
        header('Content-Type: text/plain');
        for ($number = 0; $number < 20; $number++) {
            echo str_repeat("$number 文\n", 1000);
            flush();
        }
        break;
    case '/large':
        answer('text/plain', str_repeat('x', (int) $_GET['n']));
        break;
    case '/status':
        http_response_code((int) $_GET['code']);
        json(['status' => (int) $_GET['code']]);
        break;
    case '/moved':
        header('Location: /who?from=moved', true, 302);
        break;
    case '/half':
        answer('application/json', '{"code":0,"name":"\ud83d"}');
        break;
    case '/unmodified':
        http_response_code(304);
        answer('text/plain', 'a body that no 304 has');
        break;
    case '/compressible':
        ini_set('zlib.output_compression', '1');
        answer('text/plain', str_repeat('as small as you like ', 1000));
        break;
    default:
        answer('text/plain', 'not read');
}
