"""Stand-ins to try and test Deskbridge with: a Slack workspace, a shop, a bot."""
