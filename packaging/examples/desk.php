<?php
# SPDX-License-Identifier: ISC
#
# A staff web tool with one button behind the gate: php -S 127.0.0.1:8080
# desk.php, or php-fpm.  It runs as a user of role desk, behind a proxy that logs
# technicians in, sets X-Remote-User and takes it away from everybody else.
const SOCKET = '/run/countersign/staff';

function change(string $host, string $address): string	# yours; made twice it must do no harm
{
	return "$host now $address";
}

function ask(string $method, array $parameters): array
{
	$s = @stream_socket_client('unix://' . SOCKET, $errno, $fault, 10) ?:
	    throw new Exception($fault);
	stream_set_timeout($s, 10);
	fwrite($s, json_encode(['method' => "io.countersign.staff.$method",
	    'parameters' => $parameters]) . "\0");
	$reply = stream_get_line($s, 65536, "\0");
	$answer = json_decode($reply ?: '', true, 4, JSON_THROW_ON_ERROR)['parameters'];
	if (isset($answer['parameter']))	# is missing, or not of its form
		$answer['say'] = "Countersign does not take this $answer[parameter].";
	return $answer;
}

function press(string $technician, array $form): string
{
	$about = ['account' => $form['account'], 'action' => 'mail.server',
	    'target' => ["$form[host]=$form[address]"], 'technician' => $technician];
	if ($form['code'] === '') {	# the customer's page now shows who asks for what
		$answer = ask('Prepare', $about);
		return ($answer['say'] ?? $answer['why']) . ' ' . ($answer['directions'] ?? '');
	}
	# The form's token is the request: a double click, a reload and a lost reply
	# are the same question, get the same answer and use up one code.
	$answer = ask('Verify', $about + ['code' => $form['code'], 'request' => $form['token']]);
	if (($answer['verdict'] ?? '') !== 'accepted')
		return $answer['say'] ?? $answer['why'];
	return "$answer[say] " . change($form['host'], $form['address']);
}

$form = ['account' => '', 'host' => '', 'address' => '', 'code' => '', 'token' => ''];
$say = '';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
	$origin = $_SERVER['HTTP_ORIGIN'] ?? '';
	if ($origin !== '' && parse_url($origin, PHP_URL_HOST) !== parse_url("//$_SERVER[HTTP_HOST]", PHP_URL_HOST))
		exit(http_response_code(403));
	$form = array_intersect_key(array_filter($_POST, 'is_string'), $form) + $form;
	try {
		$say = press($_SERVER['HTTP_X_REMOTE_USER'] ?? '', $form);
	} catch (Exception $fault) {
		$say = 'Countersign gave no answer (' . $fault->getMessage() . '). Nothing was changed.';
	}
}
$form = array_map('htmlspecialchars', ['token' => bin2hex(random_bytes(16))] + $form);
?>
<!DOCTYPE html><title>Mail server</title><p><?= htmlspecialchars($say) ?></p><form method=post>
<input name=account value="<?= $form['account'] ?>" placeholder=Account>
<input name=host value="<?= $form['host'] ?>" placeholder=Host>
<input name=address value="<?= $form['address'] ?>" placeholder=Address>
<input name=code placeholder=Code autocomplete=off>
<input type=hidden name=token value="<?= $form['token'] ?>"> <button>Go on</button></form>
