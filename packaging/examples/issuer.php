<?php
# SPDX-License-Identifier: ISC
#
# The Generate button in a control panel that logs its customers in already:
# php -S 127.0.0.1:8080 issuer.php, or php-fpm.  It runs as a user of role issuer.
# Here a proxy says in X-Remote-User who is logged in, ACCOUNT/NAME, and takes it
# away from all others; in your panel its own session does.
const SOCKET = '/run/countersign/panel';

function ask(string $method, array $parameters): array
{
	$s = @stream_socket_client('unix://' . SOCKET, $errno, $fault, 10) ?:
	    throw new Exception($fault);
	stream_set_timeout($s, 10);
	fwrite($s, json_encode(['method' => "io.countersign.panel.$method",
	    'parameters' => $parameters]) . "\0");
	$reply = stream_get_line($s, 65536, "\0");
	$answer = json_decode($reply ?: '', true, 4, JSON_THROW_ON_ERROR)['parameters'];
	if (isset($answer['parameter']))	# is missing, or not of its form
		$answer['say'] = "Countersign does not take this $answer[parameter].";
	return $answer;
}

function press(string $user, array $form): string
{
	[$account, $administrator] = explode('/', "$user/");
	# The form's token is the request: a double click, a reload and a lost reply
	# show the same code.  High-risk actions need the proof.
	$answer = ask('Issue', ['account' => $account, 'administrator' => $administrator,
	    'target' => preg_split('/\s+/', $form['target'], -1, PREG_SPLIT_NO_EMPTY),
	    'request' => $form['token']] +
	    array_filter(['action' => $form['action'], 'proof' => $form['proof']]));
	if (!isset($answer['code']))
		return $answer['say'] ?? $answer['why'];
	return 'Read this to support: ' . implode(' ', str_split($answer['code'], 3)) .
	    ', good once, until ' . date('H:i:s', $answer['expires']);
}

$form = ['action' => '', 'target' => '', 'proof' => '', 'token' => ''];
$say = '';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
	$origin = $_SERVER['HTTP_ORIGIN'] ?? '';
	if ($origin !== '' && parse_url($origin, PHP_URL_HOST) !== parse_url("//$_SERVER[HTTP_HOST]", PHP_URL_HOST))
		exit(http_response_code(403));
	$form = array_intersect_key(array_filter($_POST, 'is_string'), $form) + $form;
	try {
		$say = press($_SERVER['HTTP_X_REMOTE_USER'] ?? '', $form);
	} catch (Exception $fault) {
		$say = 'Countersign gave no answer (' . $fault->getMessage() . ').';
	}
}
header('Cache-Control: no-store');
$form = array_map('htmlspecialchars', ['token' => bin2hex(random_bytes(16))] + $form);
?>
<!DOCTYPE html><title>Code for support</title><p><?= htmlspecialchars($say) ?></p><form method=post>
<input name=action value="<?= $form['action'] ?>" placeholder="Only for this action">
<input name=target value="<?= $form['target'] ?>" placeholder="and this target">
<input name=proof placeholder="Code from your app" inputmode=numeric autocomplete=one-time-code>
<input type=hidden name=token value="<?= $form['token'] ?>"> <button>Generate</button></form>
