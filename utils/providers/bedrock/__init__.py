"""AWS Bedrock, spoken to in its own way: Converse and ConverseStream.

botocore is loaded with the first question and not before: it takes a while, and it need not be installed.
"""
