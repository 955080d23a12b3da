"""What a run needs: its target, its facts, its failures and its report."""
