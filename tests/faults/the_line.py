"""Each fault that the program has to survive, and the tests that try it; `test_the_line.py` looks whether they are there.

A test is named by its file and its function. Those outside `tests/faults` try one part against its stand-in; those
inside judge the ledger against what was received, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from types import MappingProxyType

_KILLS = ("tests/faults/test_killed_on_sqlite.py", "tests/faults/test_killed_on_postgres.py")
_ANYWHERE = tuple(f"{file}::test_whatever_is_killed_and_whenever_nothing_is_lost_or_doubled" for file in _KILLS)
_INSTANT = "tests/faults/test_exact_instants.py::"
_LEDGER = f"{_INSTANT}test_killed_at_an_exact_instant_of_the_ledger"
_BOOKING = f"{_INSTANT}test_a_booking_is_there_with_its_notice_or_not_at_all"
_DATABASE = "tests/faults/test_the_database.py::"
_CLOCK = "tests/faults/test_the_clock.py::"
_SERVICES = "tests/faults/test_services_fail.py::"
_TROUBLE = f"{_SERVICES}test_whatever_a_service_does_no_letter_is_lost_or_doubled"
_TWO = "tests/faults/test_two_schedulers.py::"
_STORE = "tests/domain/test_domain_store.py::"
_MAIL = "tests/integrations/test_mail_failures.py::"
_TEAMS = "tests/integrations/test_teams.py::"
_ZOOM = "tests/integrations/test_zoom.py::"
_ZOOM_ACCOUNT = "tests/integrations/test_zoom_account.py::"
_TALK = "tests/bot/test_bot_delivery.py::"
_RUN = "tests/acceptance/test_run.py::"

THE_LINE = MappingProxyType(
    {
        "kill -9 at random": _ANYWHERE,
        "kill -9 before commit": (_LEDGER, _BOOKING),
        "kill -9 after commit": (_LEDGER, _BOOKING),
        "kill -9 after claim": (_LEDGER,),
        "kill -9 after send": (_LEDGER, f"{_INSTANT}test_killed_between_the_content_and_the_answer"),
        "kill -9 after mark": (_LEDGER,),
        "database locked": (
            f"{_STORE}test_a_locked_database_is_waited_for",
            f"{_DATABASE}test_while_another_holds_a_sessions_row_a_booking_waits_and_is_then_made",
        ),
        "disk full": (
            f"{_STORE}test_a_full_disk_is_said_to_the_one_who_meets_it_and_nothing_is_half_there",
            f"{_STORE}test_a_full_disk_met_alone_leaves_nothing_and_the_store_goes_on",
            f"{_DATABASE}test_on_a_full_server_a_booking_is_refused_whole_and_made_once_there_is_room",
            f"{_DATABASE}test_a_server_that_is_full_when_a_letter_is_to_be_marked_costs_no_second_letter",
        ),
        "read-only disk": (f"{_DATABASE}test_on_a_read_only_disk_a_booking_is_refused_whole",),
        "clock a day ahead": (f"{_CLOCK}test_a_clock_a_day_ahead_that_is_put_right_while_letters_are_in_hand",),
        "clock an hour back": (f"{_CLOCK}test_a_clock_an_hour_back_repeats_nothing_and_sequences_still_rise", *_ANYWHERE),
        "both clock changes": (
            f"{_CLOCK}test_over_both_clock_changes_each_reminder_comes_once_at_its_wall_time",
            "tests/domain/test_domain_day_reminders.py::test_days_are_those_of_the_wall_and_the_clocks_may_change_between",
        ),
        "SMTP 4xx": (_TROUBLE, f"{_MAIL}test_an_answer_is_judged_by_its_number"),
        "SMTP 5xx": (_TROUBLE, f"{_MAIL}test_an_answer_is_judged_by_its_number"),
        "SMTP refused": (
            f"{_SERVICES}test_a_mail_server_that_is_not_there_or_speaks_no_tls_loses_nobody_a_letter",
            f"{_MAIL}test_nobody_there_is_temporary_and_passes",
        ),
        "SMTP TLS failure": (
            f"{_SERVICES}test_a_mail_server_that_is_not_there_or_speaks_no_tls_loses_nobody_a_letter",
            "tests/integrations/test_mail_encryption.py::test_a_certificate_that_nobody_vouches_for_is_refused",
        ),
        "SMTP hang after DATA": (_TROUBLE, f"{_MAIL}test_a_hang_after_the_content_is_unknown"),
        "SMTP one recipient refused": (_TROUBLE, f"{_MAIL}test_after_a_refusal_the_connection_serves_the_next_letter"),
        "Graph 429": (f"{_TEAMS}test_too_many_requests_say_how_long_to_wait_and_nothing_is_made",),
        "Graph 5xx": (_TROUBLE, f"{_TEAMS}test_after_an_unknown_outcome_the_same_call_finds_one_meeting"),
        "Graph timeout before and after the effect": (f"{_TEAMS}test_no_answer_in_time_is_unknown_and_then_one_meeting", _TROUBLE),
        "Graph expired token": (
            f"{_TEAMS}test_an_expired_token_is_replaced_once_for_all_calls",
            f"{_SERVICES}test_tokens_that_ran_out_and_a_spent_day_make_no_second_meeting",
        ),
        "Zoom 429": (_TROUBLE, f"{_ZOOM}test_too_many_requests_a_second_are_temporary_and_nothing_is_made"),
        "Zoom 5xx": (_TROUBLE, f"{_ZOOM}test_after_an_unknown_outcome_there_is_one_meeting"),
        "Zoom timeout before and after the effect": (f"{_ZOOM}test_no_answer_in_time_is_unknown_and_then_one_meeting", _TROUBLE),
        "Zoom expired token": (
            f"{_ZOOM_ACCOUNT}test_an_expired_token_is_replaced_once_for_all_calls",
            f"{_SERVICES}test_tokens_that_ran_out_and_a_spent_day_make_no_second_meeting",
        ),
        "daily cap": (
            f"{_ZOOM}test_the_daily_cap_waits_for_midnight_utc",
            f"{_SERVICES}test_tokens_that_ran_out_and_a_spent_day_make_no_second_meeting",
        ),
        "Discord gateway drop and resume": (
            f"{_RUN}test_a_broken_connection_to_discord_is_resumed_and_nothing_is_missed",
            "tests/acceptance/test_discord_server.py::test_what_happens_while_the_bot_is_away_is_told_when_it_resumes",
        ),
        "Discord 5xx": (
            f"{_SERVICES}test_a_discord_that_answers_5xx_and_429_is_asked_again",
            f"{_RUN}test_a_discord_that_is_away_at_the_start_is_tried_again_and_mail_does_not_wait_for_it",
        ),
        "Discord 429": (f"{_SERVICES}test_a_discord_that_answers_5xx_and_429_is_asked_again", _TROUBLE),
        "Discord 50007": (
            f"{_SERVICES}test_closed_messages_become_mail_and_deleted_ones_are_posted_anew",
            f"{_TALK}test_what_discord_answers_is_told_in_the_ledgers_words",
        ),
        "Discord message or channel deleted": (
            f"{_SERVICES}test_closed_messages_become_mail_and_deleted_ones_are_posted_anew",
            f"{_TALK}test_a_day_is_posted_edited_and_posted_anew_when_somebody_deleted_it",
            f"{_TALK}test_a_channel_that_is_gone_is_permanent",
        ),
        "two schedulers at once": (
            f"{_TWO}test_two_side_by_side_send_each_notice_once_and_make_each_meeting_once",
            f"{_TWO}test_what_a_killed_one_leaves_the_other_carries_on",
            f"{_TWO}test_one_frozen_with_letters_in_hand_does_not_send_what_the_other_has_by_then",
            f"{_TWO}test_one_frozen_after_it_has_sent_marks_nothing_that_the_other_has_by_then",
            f"{_TWO}test_one_frozen_in_the_middle_of_handing_over_a_letter_repeats_only_what_is_harmless",
        ),
        "PostgreSQL restarted": (f"{_DATABASE}test_a_postgresql_that_is_restarted_under_the_program_loses_nothing",),
        "what may not be repeated": (
            f"{_INSTANT}test_mail_without_a_calendar_part_is_not_repeated_whatever_its_kind",
            f"{_INSTANT}test_a_chat_message_is_not_repeated_once_its_nonce_may_be_forgotten",
            f"{_INSTANT}test_a_chat_message_is_repeated_within_two_minutes_and_is_one_message",
        ),
        "clock leaps": (
            f"{_CLOCK}test_a_clock_that_leaps_while_a_letter_is_under_way",
            f"{_CLOCK}test_a_message_that_was_under_way_while_the_clock_leapt_left_before_it",
        ),
        "a migration interrupted": (
            f"{_DATABASE}test_an_upgrade_killed_in_the_middle_has_changed_nothing_and_is_done_the_next_time",
            "tests/practiceweek/test_revisions.py::test_a_failed_upgrade_leaves_nothing_behind",
        ),
    }
)
