# Starts the reader program when the terminal's user logs on, and again if it ends. Run once, as that user
# (no administrator is needed). Not run on Windows by this project: try it before use.
param(
  [Parameter(Mandatory)] [string] $Project,
  [Parameter(Mandatory)] [string] $Platform
)
$action = New-ScheduledTaskAction -Execute 'npx.cmd' -WorkingDirectory $Project `
  -Argument "--no mykey reader --platform $Platform --origin $Platform"
$trigger = New-ScheduledTaskTrigger -AtLogOn -User $env:USERNAME
$settings = New-ScheduledTaskSettingsSet -RestartCount 99 -RestartInterval (New-TimeSpan -Minutes 1) `
  -ExecutionTimeLimit ([TimeSpan]::Zero) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
Register-ScheduledTask -TaskName 'My Key reader' -Action $action -Trigger $trigger -Settings $settings -Force
