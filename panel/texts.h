/* SPDX-License-Identifier: ISC
 *
 * Every sentence that the customer reads and that the daemon does not say.
 * "{}" is replaced by a value, "{!}" by a value in bold, in the order in which
 * part_say is given them.  None has a "<" or a double quote: some stand inside markup.
 */
#pragma once

/* The frame. */
#define TEXT_SKIP "Skip to the content"
#define TEXT_MENU "Menu"
#define TEXT_CLIENT_ACCOUNT "Client Account"
#define TEXT_OVERVIEW "Overview"
#define TEXT_CODES "Account Preferences & Codes"
#define TEXT_TICKETS "Support"
#define TEXT_PEOPLE "People"
#define TEXT_ACTIVITY "Activity"
#define TEXT_YOU "You"
#define TEXT_SECURITY "Security"
#define TEXT_ACCOUNTS "Accounts"
#define TEXT_LOG_OUT "Log out"
#define TEXT_WHERE "You are here"
#define TEXT_NOTICE "Notice"
#define TEXT_REFUSED "That did not work"
#define TEXT_UNFIT \
	"Something is missing, too long, or more than fits in one go. Check or shorten it, " \
	"and send it again."
#define TEXT_UNFIT_ACTIONS \
	"Tick what this person may authorise: one thing at least, or everything."
#define TEXT_UNFIT_LOGIN \
	"A name for the log-in has small letters, digits, dots and dashes, 64 at most, and " \
	"begins with a letter or a digit."
#define TEXT_UNFIT_LINE \
	"128 characters at most, in one line. Letters with accents and those of other alphabets " \
	"count as two or three, emoji as four or more."
#define TEXT_UNFIT_NAME "The name is missing or too long: " TEXT_UNFIT_LINE
#define TEXT_UNFIT_LABEL "The label is missing or too long: " TEXT_UNFIT_LINE
#define TEXT_UNFIT_PASSWORD "Choose a password of 12 to 128 characters."
#define TEXT_UNFIT_SUBJECT "The subject is missing or too long: " TEXT_UNFIT_LINE
#define TEXT_UNFIT_TEXT \
	"The text is missing or too long: 4,000 characters at most, of which emoji count as two " \
	"or more."
#define TEXT_UNFIT_TARGET \
	"Say what exactly is to be changed, one to a line: 64 at most, none too long, nor all " \
	"of them together."
#define TEXT_UNFIT_PAIR \
	"Enter a host name and an IPv4 or IPv6 address. More of them stand one to a line: 64 at " \
	"most, none too long, nor all of them together."
#define TEXT_UNFIT_DAY "There is no such day. Write it as 2026-03-01."
#define TEXT_UNFIT_INVITATION \
	"This does not look like an invitation. Paste the whole address you were given."
#define TEXT_UNKNOWN_ACTION \
	"Support has no such change any more. Load the page again and choose another."
#define TEXT_TO "to"
#define TEXT_CHANGE_TO "Change {!} to {!}"
#define TEXT_NEVER_ASKED \
	"Support never asks for your password, or for the code that you log in with."

/* Log-in. */
#define TEXT_LOG_IN "Log in"
#define TEXT_NAME "Name"
#define TEXT_NAME_HINT "As in your invitation, for example dana."
#define TEXT_PASSWORD "Password"
#define TEXT_LOGIN_CODE "Code from your authenticator app"
#define TEXT_LOGIN_CODE_HINT "The six digits it shows now."
#define TEXT_LOST_PHONE "Lost your phone? Log in with a recovery code"
#define TEXT_HAVE_PHONE "Log in with the code of your app"
#define TEXT_RECOVERY_CODE "Recovery code"
#define TEXT_RECOVERY_CODE_HINT \
	"One of the ten that you kept: letters a to f and digits. High-risk changes then wait " \
	"24 hours."
#define TEXT_HAVE_INVITATION "I have an invitation"

/* Invitation. */
#define TEXT_INVITATION "Accept an invitation"
#define TEXT_INVITATION_CODE "Invitation"
#define TEXT_INVITATION_HINT "The whole address that you were given."
#define TEXT_CONTINUE "Continue"
#define TEXT_WELCOME "Welcome, {}"
#define TEXT_WELCOME_BY "{!} invited you to authorise changes for "
#define TEXT_WELCOME_BY_NONE "{!} invited you to set up a log-in."
#define TEXT_AND " and "
#define TEXT_WELCOME_NAME "You log in as {!}."
#define TEXT_WELCOME_UNTIL "The invitation is good until"
#define TEXT_STEP_PASSWORD "1. Choose a password"
#define TEXT_NEW_PASSWORD "New password"
#define TEXT_PASSWORD_HINT \
	"At least 12 characters. A few words that only you would put together are best."
#define TEXT_STEP_APP "2. Add the account to your authenticator app"
#define TEXT_SCAN "Open the app, choose to add an account, and scan this picture."
#define TEXT_TYPE_SECRET "Or type this key into the app:"
#define TEXT_OPEN_APP "Open in the app on this device"
#define TEXT_QR_LABEL "QR picture of the key below"
#define TEXT_STEP_CODE "3. Enter the code that it shows"
#define TEXT_APP_CODE "Code from the app"
#define TEXT_APP_CODE_HINT "Six digits. A new one comes every 30 seconds."
#define TEXT_FINISH "Finish"
#define TEXT_RECOVERY "Recovery codes"
#define TEXT_RECOVERY_NOW "Keep these ten codes"
#define TEXT_RECOVERY_WHY \
	"Without your phone, one of them logs you in. Each works once. They are shown only " \
	"now: print them, or keep them where you keep passwords."
#define TEXT_RECOVERY_PAPER "Recovery codes of {} for {}"
#define TEXT_COPY_CODES "Copy all"
#define TEXT_COPIED "Copied"
#define TEXT_PRINT "Print"
#define TEXT_RECOVERY_KEPT "I have kept them"

/* Accounts and overview. */
#define TEXT_YOUR_ACCOUNTS "Your accounts"
#define TEXT_MORE_ACCOUNTS \
	"You act for more accounts, which are not in this list: {}/a/ and the name of one leads " \
	"to it."
#define TEXT_NO_ACCOUNT \
	"You are not an administrator of any account at the moment. Ask a colleague who is, " \
	"or support."
#define TEXT_YOU_ARE_SUSPENDED \
	"You are suspended for {!}: you cannot act for it at the moment. Ask a colleague there, " \
	"or support."
#define TEXT_IS_FROZEN "{} is frozen"
#define TEXT_IS_SUSPENDED "{} is suspended"
#define TEXT_FROZEN_SINCE "Frozen since"
#define TEXT_SUSPENDED_SINCE "Suspended since"
#define TEXT_STOPPED_BY "by {!}."
#define TEXT_FROZEN_WHY \
	"Nothing can be authorised for it until it is thawed: there is no code, and no ticket " \
	"or colleague's word changes anything."
#define TEXT_SUSPENDED_WHY \
	"Nothing can be authorised for it until it is resumed: there is no code, and no ticket " \
	"or colleague's word changes anything."
#define TEXT_FROZEN_ASK \
	"Find out in Activity what happened. Then call {}, who alone can thaw it, after speaking " \
	"with you."
#define TEXT_SUSPENDED_ASK "Call {} to learn why, and to have it resumed."
#define TEXT_GO_CODES "Get a support code"
#define TEXT_GO_CODES_WHY \
	"Support asks for a code before it changes anything that matters. You read it over " \
	"the phone."
#define TEXT_OPEN_TICKETS "Open tickets"
#define TEXT_NO_TICKETS "No ticket is open."
#define TEXT_ALL_TICKETS "All tickets"
#define TEXT_LATEST "Latest activity"
#define TEXT_ALL_ACTIVITY "All activity"
#define TEXT_COOLING_TITLE "High-risk changes wait"
#define TEXT_COOLING \
	"Because your rights or your way to log in changed lately, you can authorise " \
	"high-risk changes again from"
#define TEXT_COOLING_SOMEWHERE \
	"Because your rights or your way to log in changed lately, in one of your accounts you " \
	"can authorise high-risk changes again from"
#define TEXT_COOLING_MORE "Your colleagues were told, and can authorise them meanwhile."
#define TEXT_RECOVERED_TITLE "You logged in with a recovery code"
#define TEXT_RECOVERED \
	"If your phone is lost, add a new authenticator now and remove the old one. High-risk " \
	"changes wait 24 hours; your colleagues were told."
#define TEXT_ADD_AUTHENTICATOR "Add an authenticator"
#define TEXT_FEW_RECOVERY_TITLE "Few recovery codes are left"
#define TEXT_FEW_RECOVERY "You have {} left. New ones replace all of the old."

/* Codes. */
#define TEXT_ASKS "{} asks:"
#define TEXT_ASKS_CASE "{} asks, case {}:"
#define TEXT_ASKED_AT "Asked at"
#define TEXT_SHOW_CODE "Show code"
#define TEXT_NOT_US "Not us"
#define TEXT_SHOW_CODE_WHY \
	"Show the code only if this is what you want, and read it only to the person who " \
	"asks."
#define TEXT_MAY_NOT_CALL \
	"You may not authorise this. A colleague who may will see the same question."
#define TEXT_NOBODY_ASKS "No technician is asking for {!} right now."
#define TEXT_NOBODY_WHY \
	"If somebody on the phone says they are from support and this page does not name " \
	"them, hang up."
#define TEXT_GENERATE "Generate"
#define TEXT_GENERATE_TITLE "A code for the phone"
#define TEXT_GENERATE_WHY \
	"Nine digits, good once, for a few minutes. For ordinary requests; high-risk changes " \
	"need a code for that one action."
#define TEXT_ONE_ACTION "For one action"
#define TEXT_ONE_ACTION_WHY "A code for one action does nothing else."
#define TEXT_HIGH "High risk"
#define TEXT_FOR_ACTION "A code for one action"
#define TEXT_OTHER_ACTION "Choose another action"
#define TEXT_TARGET "What exactly"
#define TEXT_TARGET_HINT "One to a line, letter by letter as support will enter it."
#define TEXT_TARGET_HOST "Host name"
#define TEXT_TARGET_HOST_HINT "Of the mail server."
#define TEXT_TARGET_IP "New IP address"
#define TEXT_TARGET_IP_HINT "IPv4 or IPv6."
#define TEXT_TARGET_REST "More of them"
#define TEXT_TARGET_REST_HINT "One to a line: host name = IP address."
#define TEXT_LIVE_CODES "Your codes that are good now"
#define TEXT_ANY_ACTION "Ordinary requests"
#define TEXT_GOOD_UNTIL "good until"
#define TEXT_SHOW "Show"

/* One code. */
#define TEXT_YOUR_CODE "Your support code"
#define TEXT_SPELLED "Your code: {}."
#define TEXT_LEFT "left"
#define TEXT_COPY "Copy"
#define TEXT_SERVES "Good once, for:"
#define TEXT_SERVES_ANY "Good once, for any ordinary request. Not for high-risk changes."
#define TEXT_READ_IT "Read it to the technician in threes. This page tells you when it was used."
#define TEXT_AGAIN "Generate a new one"
#define TEXT_CANCEL_CODE "Cancel this code"
#define TEXT_TRIED_1 "One wrong code was tried on your account since this code was made."
#define TEXT_TRIED_N "{} wrong codes were tried on your account since this code was made."
#define TEXT_TRIED_WHY "If it was not your technician who misheard, cancel this code."
#define TEXT_USED_BY "Used by {!} at"
#define TEXT_USED_THIS "for this change."
#define TEXT_USED_FOR "for “{}”."
#define TEXT_ENDED_AT "At"
#define TEXT_PROOF_NEEDED "To show this code here, enter a code of your authenticator app first."
#define TEXT_USED_MORE "It cannot be used again. For another change, generate a new one."
#define TEXT_NOT_YOU "This wasn't me"
#define TEXT_EXPIRED "This code has expired."
#define TEXT_EXPIRED_MORE "It was not used. If the technician is still waiting, generate a new one."
#define TEXT_REPLACED "This code was replaced by a newer one."
#define TEXT_REPLACED_MORE "Read out the newer one; this one is dead."
#define TEXT_CANCELLED "This code was cancelled."
#define TEXT_CANCELLED_MORE "It was not used and cannot be used any more."
#define TEXT_KILLED "This code was cancelled after wrong tries."
#define TEXT_KILLED_MORE \
	"It was not used. Somebody entered wrong codes for your account; a new code is not " \
	"affected by that."
#define TEXT_BACK_TO_CODES "Back to Account Preferences & Codes"
#define TEXT_RELOADS "This page asks again every ten seconds."
#define TEXT_RELOAD_NOW "Ask now"
#define TEXT_OFFLINE "The connection is interrupted. This page tries again by itself."

/* Proof. */
#define TEXT_PROVE "One more code"
#define TEXT_PROVE_WHY \
	"This needs a code from your authenticator app that was entered within the last 15 " \
	"minutes. Then it goes on by itself; nothing has to be typed again."
#define TEXT_WAITS "What it is for"
#define TEXT_WAITS_CODE "A support code, with which support may do this:"
#define TEXT_WAITS_TICKET "The ticket {!}, by which support may do this:"
#define TEXT_WAITS_INVITE "An invitation for {!}."
#define TEXT_WAITS_RIGHTS "Other rights for {!}."
#define TEXT_WAITS_SUSPEND "To suspend {!}."
#define TEXT_WAITS_RESUME "To resume {!}."
#define TEXT_WAITS_REMOVE "To remove {!} from this account."
#define TEXT_WAITS_RESET "To reset the log-in of {!}."
#define TEXT_WAITS_ADD "To add the authenticator {!}."
#define TEXT_WAITS_TAKE "To remove the authenticator {!}."
#define TEXT_WAITS_RECOVERY "New recovery codes, which end the old ones."
#define TEXT_PROVE_WAIT \
	"A code works once. If you logged in with the one your app shows, wait for the next."
#define TEXT_NEVER_MIND "Never mind"

/* Tickets. */
#define TEXT_TICKETS_TITLE "Support tickets"
#define TEXT_TICKET "Ticket"
#define TEXT_NEW_TICKET "New Ticket"
#define TEXT_ONGOING "Ongoing"
#define TEXT_CLOSED "Closed"
#define TEXT_NO_CLOSED "No ticket has been closed."
#define TEXT_NO_OLDER "None is older."
#define TEXT_SHOW_CLOSED "Show closed tickets"
#define TEXT_SHOW_OPEN "Show ongoing tickets"
#define TEXT_TICKET_ROW "{} by {}, "
#define TEXT_ENTER_TICKET "Enter a support ticket"
#define TEXT_SUBJECT "Subject"
#define TEXT_TICKET_TEXT "What can we do for you?"
#define TEXT_AUTHORISES "What it authorises"
#define TEXT_AUTHORISES_WHY \
	"Support may do exactly this, once, within 72 hours, without calling you. What anybody " \
	"writes later does not widen it."
#define TEXT_AUTHORISES_OTHER "Another action, or only a question"
#define TEXT_AUTHORISE "Let support change something by this ticket"
#define TEXT_AUTHORISE_WHY \
	"Choose what, before you write: the ticket then takes the place of the code on the phone."
#define TEXT_ACTION "Action"
#define TEXT_SEND_TICKET "Send"
#define TEXT_TICKET_TITLE "{}: {}"
#define TEXT_AUTHORITY_LIVE "Authorised, not done yet. Good until"
#define TEXT_AUTHORITY_USED "Authorised, and used."
#define TEXT_AUTHORITY_EXPIRED "Authorised, but not used in time. It authorises nothing any more."
#define TEXT_AUTHORITY_REVOKED "Withdrawn. It authorises nothing any more."
#define TEXT_AUTHORITY_NONE "This ticket authorises no change."
#define TEXT_STAFF "Support"
#define TEXT_THREAD "Messages"
#define TEXT_REPLY "Your reply"
#define TEXT_SEND_REPLY "Send the reply"
#define TEXT_CLOSE_TICKET "Close this ticket"
#define TEXT_CLOSE_WHY "A closed ticket stays closed, and what it authorised ends."
#define TEXT_TICKET_CLOSED "This ticket is closed."
#define TEXT_NOT_SENT "Not sent"
#define TEXT_NOT_SENT_WHY \
	"You were logged out. This is what you wrote; it was not sent. Copy it, log in, and " \
	"write it again."
#define TEXT_LOG_IN_APART "Log in, in a new tab"
#define TEXT_UNSENT "What you wrote, which was not sent"

/* People. */
#define TEXT_PEOPLE_TITLE "Who may authorise what"
#define TEXT_PEOPLE_LOOK \
	"You may not change who acts for this account, or not yet. Ask a colleague who may, or " \
	"support."
#define TEXT_INVITE "Invite a colleague"
#define TEXT_PERSON_ALL "Everything"
#define TEXT_PERSON_NOTHING "Nothing"
#define TEXT_PERSON_YOU "You"
#define TEXT_PERSON_PENDING "Cannot log in yet"
#define TEXT_PERSON_SUSPENDED "Suspended"
#define TEXT_PERSON_COOLING "High-risk changes wait"
#define TEXT_PERSON_COOLING_UNTIL "High-risk changes wait until"
#define TEXT_PERSON_LAST "Last seen"
#define TEXT_PERSON_MAY "May authorise"
#define TEXT_PERSON_LOGIN "Logs in as"
#define TEXT_PERSON_STATE "State"
#define TEXT_PERSON_ACTIVE "Active"
#define TEXT_RIGHTS "Rights"
#define TEXT_RIGHTS_LEGEND "May authorise"
#define TEXT_RIGHTS_ALL "Everything, also what is added later"
#define TEXT_RIGHTS_SOME "Or only:"
#define TEXT_SAVE_RIGHTS "Save the rights"
#define TEXT_RIGHTS_WIDER "More rights than before count for high-risk changes after 24 hours."
#define TEXT_SUSPEND "Suspend"
#define TEXT_SUSPEND_WHY \
	"Ends their codes and sessions now, and lets nothing through until resumed."
#define TEXT_RESUME "Resume"
#define TEXT_RESUME_WHY "They may log in and authorise again."
#define TEXT_RESET "Reset the log-in"
#define TEXT_RESET_WHY \
	"For a lost phone and no recovery code. Ends password, authenticators and sessions, " \
	"and gives you an invitation to hand over in person."
#define TEXT_INVITE_AGAIN "Make a new invitation"
#define TEXT_INVITE_AGAIN_WHY \
	"For somebody who has not come yet. An invitation and authenticators from before end; " \
	"the new invitation is for you to hand over in person."
#define TEXT_REMOVE "Remove"
#define TEXT_REMOVE_WHY \
	"For somebody who left. Ends their codes, sessions, authenticators and tickets' " \
	"authority at once. It cannot be undone."
#define TEXT_YOURSELF \
	"Your password, authenticators and log-ins are on the page Security. Your rights are for " \
	"a colleague to change."
#define TEXT_PERSON_GONE "There is nobody of that name here."
#define TEXT_INVITE_TITLE "Invite a colleague"
#define TEXT_INVITE_NAME "Their name"
#define TEXT_INVITE_NAME_HINT "As people know them, for example Dana Reyes."
#define TEXT_INVITE_LOGIN "Name for the log-in"
#define TEXT_INVITE_LOGIN_HINT "Small letters and digits, for example dana."
#define TEXT_INVITE_SEND "Make the invitation"
#define TEXT_INVITED "The invitation is ready"
#define TEXT_INVITED_FOR "It is for {!}, who will log in as {!}."
#define TEXT_INVITED_WHY \
	"Hand it over in person or by phone, to nobody but them: whoever has it becomes this " \
	"administrator. It is shown only now."
#define TEXT_INVITED_LINK "Address"
#define TEXT_INVITED_UNTIL "Good until"
#define TEXT_COPY_LINK "Copy the address"
#define TEXT_TO_PEOPLE "Back to People"
#define TEXT_ENDED "Ended: {}."
#define TEXT_ENDED_1_CODE "1 code"
#define TEXT_ENDED_CODES "{} codes"
#define TEXT_ENDED_1_SESSION "1 session"
#define TEXT_ENDED_SESSIONS "{} sessions"
#define TEXT_ENDED_1_AUTHENTICATOR "1 authenticator"
#define TEXT_ENDED_AUTHENTICATORS "{} authenticators"
#define TEXT_ENDED_1_TICKET "1 ticket’s authority"
#define TEXT_ENDED_TICKETS "{} tickets’ authority"
#define TEXT_ENDED_1_GRANT "1 accepted change not made yet"
#define TEXT_ENDED_GRANTS "{} accepted changes not made yet"
#define TEXT_ENDED_1_CALL "1 technician’s question"
#define TEXT_ENDED_CALLS "{} technicians’ questions"
#define TEXT_REMOVED "Removed"
#define TEXT_REMOVED_PERSON "{} is removed"
#define TEXT_ENDED_NOTHING "Nothing was live, so nothing had to be ended."

/* Activity. */
#define TEXT_ACTIVITY_TITLE "Activity"
#define TEXT_ACTIVITY_WHY "Everything that happened in this account, newest first."
#define TEXT_FILTER "Filter"
#define TEXT_SINCE "From (UTC)"
#define TEXT_UNTIL "Before (UTC)"
#define TEXT_FILTER_PERSON "Administrator"
#define TEXT_FILTER_TECHNICIAN "Technician"
#define TEXT_FILTER_KIND "What"
#define TEXT_ANY "Any"
#define TEXT_APPLY "Show"
#define TEXT_CLEAR "Show everything"
#define TEXT_NO_ACTIVITY "Nothing matches."
#define TEXT_BY_TECHNICIAN "technician {}"
#define TEXT_BY_AUTHENTICATOR "authenticator {}"
#define TEXT_BY_CALL "question {}"
#define TEXT_BY_GRANT "acceptance {}"
#define TEXT_BY_CODE "code {}"
#define TEXT_BY_TICKET "ticket {}"
#define TEXT_CASE "case {}"
#define TEXT_FROM_ADDRESS "from {}"
#define TEXT_OLDER "Older"
#define TEXT_DOWNLOAD "Download up to 1,000 events from here back:"
#define TEXT_CSV "CSV"
#define TEXT_JSONL "JSON lines"

/* Events. */
#define EVENT_VERIFY "Accepted: support may make this change"
#define EVENT_REDEEM "Done: an accepted change was made"
#define EVENT_ISSUE "Support code generated"
#define EVENT_REVOKE "Support code cancelled"
#define EVENT_CALL_DENIED "“Not us”: a technician’s question was turned away"
#define EVENT_TICKET_OPEN "Ticket opened"
#define EVENT_TICKET_REPLY "Reply to a ticket"
#define EVENT_TICKET_CLOSE "Ticket closed"
#define EVENT_LOG_IN "Logged in"
#define EVENT_LOG_IN_FAILED "Log-in refused"
#define EVENT_LOG_OUT "Logged out"
#define EVENT_SESSION_END "Session ended"
#define EVENT_PROVE "Code of the authenticator entered"
#define EVENT_PASSWORD "Password changed"
#define EVENT_INVITE_ACCEPT "Invitation accepted"
#define EVENT_ENROLL "Authenticator added, not confirmed yet"
#define EVENT_CONFIRM "Authenticator confirmed"
#define EVENT_AUTHENTICATOR_RENAME "Authenticator renamed"
#define EVENT_AUTHENTICATOR_REMOVE "Authenticator removed"
#define EVENT_AUTHENTICATOR_IMPORT "Authenticator brought over from another system"
#define EVENT_AUTHENTICATOR_EXPORT "Authenticator taken to another system"
#define EVENT_RESYNC "Authenticator brought into step again"
#define EVENT_RECOVERY "New recovery codes made"
#define EVENT_ADMIN_ADD "Administrator added"
#define EVENT_ADMIN_INVITE "Administrator invited"
#define EVENT_ADMIN_NAME "Administrator’s name changed"
#define EVENT_ADMIN_RIGHTS "Rights changed"
#define EVENT_ADMIN_SUSPEND "Administrator suspended"
#define EVENT_ADMIN_RESUME "Administrator resumed"
#define EVENT_ADMIN_RESET "Log-in of an administrator reset"
#define EVENT_ADMIN_REMOVE "Administrator removed"
#define EVENT_COOLING_WAIVE "The wait for high-risk changes was ended by the provider"
#define EVENT_ACCOUNT_ADD "Account added"
#define EVENT_ACCOUNT_SUSPEND "Account suspended"
#define EVENT_ACCOUNT_RESUME "Account resumed"
#define EVENT_ACCOUNT_FREEZE "Account frozen"
#define EVENT_ACCOUNT_THAW "Account thawed"
#define EVENT_POLICY_SET "Policy of the account changed"
#define EVENT_SYNC "Brought in line with the provider’s list"
#define EVENT_OTHER "Something else"
#define EVENT_LET_THROUGH "Let through unauthorised: the provider only tries this check out"
#define EVENT_REFUSED "Refused"
#define EVENT_WRONG "Refused: a wrong code"
#define EVENT_MISHEARD "Refused: a code misheard"
#define EVENT_EXPIRED "Refused: the code had expired"
#define EVENT_USED "Refused: the code had been used"
#define EVENT_REPLACED "Refused: the code had been replaced"
#define EVENT_CANCELLED "Refused: the code had been cancelled"
#define EVENT_OTHER_ACTION "Refused: the code was for another action"
#define EVENT_OTHER_TARGET "Refused: the code was for something else"
#define EVENT_NOT_PERMITTED "Refused: not entitled"
#define EVENT_COOLING_OFF "Refused: high-risk changes have to wait"
#define EVENT_THROTTLED "Refused: too many tries"
#define EVENT_SUSPENDED "Refused: suspended"
#define EVENT_FROZEN "Refused: the account is frozen"
#define EVENT_PASSWORD_REFUSED "Refused: a wrong password, to set another one"
#define EVENT_APPROVAL_NEEDED "Refused: somebody else has to approve"

/* Security. */
#define TEXT_SECURITY_TITLE "Security"
#define TEXT_AUTHENTICATORS "Authenticators"
#define TEXT_AUTHENTICATORS_WHY \
	"Apps that make the code you log in with, or the code that you may read to support."
#define TEXT_AUTHENTICATORS_WAIT \
	"A second one for the same purpose, or one less, makes high-risk changes wait 24 hours."
#define TEXT_FOR_LOGIN "For the log-in"
#define TEXT_FOR_SUPPORT "For the phone"
#define TEXT_UNCONFIRMED "Not confirmed yet"
#define TEXT_ADDED "Added"
#define TEXT_LAST_USED "last used"
#define TEXT_CONFIRM "Confirm"
#define TEXT_RENAME "Rename"
#define TEXT_NO_LABEL "Authenticator {}"
#define TEXT_LABEL "Label"
#define TEXT_LABEL_HINT "To tell it from others, for example work phone."
#define TEXT_PURPOSE "What it is for"
#define TEXT_PURPOSE_LOGIN "Logging in here"
#define TEXT_PURPOSE_SUPPORT "Reading its code to support, for ordinary requests"
#define TEXT_ADD "Add"
#define TEXT_ENROLLED "Add it to your app"
#define TEXT_CHANGE_AUTHENTICATOR "Rename or remove"
#define TEXT_RECOVERY_LEFT "You have {!} recovery codes left. New ones replace all of the old."
#define TEXT_NEW_RECOVERY "Make new recovery codes"
#define TEXT_CHANGE_PASSWORD "Change the password"
#define TEXT_OLD_PASSWORD "Present password"
#define TEXT_PASSWORD_ENDS "Your other sessions end."
#define TEXT_PASSWORD_ENDS_RECOVERED \
	"Your other sessions end, and high-risk changes wait 24 hours from then."
#define TEXT_SESSIONS "Where you are logged in"
#define TEXT_THIS_SESSION "This one"
#define TEXT_SESSION_FROM "From {}"
#define TEXT_BEGAN "since"
#define TEXT_LAST_SEEN "last seen"
#define TEXT_END "End"
#define TEXT_END_OTHERS "End all but this one"
#define TEXT_BROWSER_ON "%s on %s"
#define TEXT_UNKNOWN_BROWSER "Unknown browser"
#define TEXT_FREEZE_TITLE "This wasn't me"
#define TEXT_FREEZE_LINK_WHY \
	"If something happened here that nobody of you did, freeze the account. Support can " \
	"thaw it."
#define TEXT_FREEZE_ACCOUNT "Freeze {}"
#define TEXT_FREEZE_WHAT "What freezing does"
#define TEXT_FREEZE_1 \
	"Every support code, open question, ticket's authority and invitation of {} ends now."
#define TEXT_FREEZE_2 "Nothing can be authorised for it, by nobody, until it is thawed."
#define TEXT_FREEZE_3 "Your colleagues are logged out, and you elsewhere. This session stays."
#define TEXT_FREEZE_4 "Only your provider can thaw it, after speaking with you."
#define TEXT_FREEZE_NOW "Freeze it now"
#define TEXT_FROZEN "Frozen"
#define TEXT_FROZEN_NEXT \
	"Nothing can be authorised for it now. Next: change your password, look through " \
	"Activity, and call your provider to have it thawed."

/* Errors. */
#define TEXT_403 "This form is no longer good"
#define TEXT_403_WHY \
	"It was open for too long, or did not come from this site. Nothing was changed. Go " \
	"back, load the page again and send it once more."
#define TEXT_404 "There is no such page"
#define TEXT_404_WHY "The address is wrong, or you may not see what is there."
#define TEXT_429 "Too much at once"
#define TEXT_429_WHY "Wait a moment and load the page again."
#define TEXT_503 "Not available right now"
#define TEXT_503_WHY \
	"The service behind this page does not answer. Nothing was changed. Load the page " \
	"again in a minute."
#define TEXT_503_AGAIN \
	"The service behind this page does not answer. Nothing was changed, and what you " \
	"entered is kept. Send it again in a minute."
#define TEXT_503_ONCE \
	"The service behind this page did not answer in time. It may have been done. Send it " \
	"again in a minute: it is not done twice."
#define TEXT_SEND_AGAIN "Send again"
#define TEXT_503_LOOK \
	"The service behind this page did not answer in time. It may have been done. Look " \
	"before you send it again."
#define TEXT_500 "Something went wrong"
#define TEXT_500_WHY "Nothing was changed that this page has not confirmed. Load it again."
#define TEXT_400 "The browser sent something that this page does not understand"
#define TEXT_400_WHY "Nothing was changed."
#define TEXT_TO_START "To the start page"
