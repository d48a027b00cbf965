"""What is said and when: phones, their times, label files, alignment."""
