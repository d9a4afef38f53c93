"""The worker of the Model workspace: runs scripts in processes of their own and answers for what they recorded."""
