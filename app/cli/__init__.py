"""The command line: flask serve | work | seed | audit | backup | restore | reconcile | db … | label … | staff …"""
