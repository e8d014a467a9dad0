"""Rules that look at what users and bots say, and what follows when one fires. Pure.

`rules` has the rules and what they look at, `kinds` what each kind finds; `language` knows words
in four languages and `lexicons` which of them mean something; `feelings` weighs them; `sensitive`
knows numbers that are nobody's business. When rules are asked, and what is then done, is in
`bridge.triggering`; how they are set is in `bridge.settings_triggers`.
"""
