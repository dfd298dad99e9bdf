using System.CommandLine;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog completion bash|zsh|fish</c>: a script that has the shell ask <c>catalog</c> itself what may come next.</summary>
internal static class CompletionCommand
{
    // The line goes without its first word, and the number is the cursor's place in it: what the [suggest] directive expects.
    // The program is called by its path: a shell does not look up an alias inside of a function.
    private const string Program = "{program}";

    private const string Bash =
        """
        # catalog: completion for bash. Load it with: source <(catalog completion bash)
        _catalog() {
            local line=${COMP_LINE:0:COMP_POINT}
            line=${line#"${COMP_WORDS[0]}"}
            line=${line# }
            local IFS=$'\n'
            COMPREPLY=($({program} "[suggest:${#line}]" "$line" 2>/dev/null))
        }
        complete -o default -F _catalog catalog
        """;

    private const string Zsh =
        """
        #compdef catalog
        # catalog: completion for zsh. Load it with: source <(catalog completion zsh)
        _catalog() {
            local -a before=("${(@)words[2,CURRENT-1]}" "$PREFIX")
            local line="${(j: :)before}"
            local -a found=(${(f)"$({program} "[suggest:${#line}]" "$line" 2>/dev/null)"})
            if (( $#found )); then
                compadd -- $found
            else
                _files
            fi
        }
        compdef _catalog catalog
        """;

    private const string Fish =
        """
        # catalog: completion for fish. Load it with: catalog completion fish | source
        function __catalog
            set -l line (commandline -cp | string replace -r '^\s*\S+\s?' '')
            {program} "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c catalog -a '(__catalog)'
        """;

    public static Command Create() => new("completion", "Prints a script for your shell that completes commands and options")
    {
        Shell("bash", Bash),
        Shell("zsh", Zsh),
        Shell("fish", Fish),
    };

    private static Command Shell(string shell, string script) => new Command(shell, $"For {shell}").Does((call, _) =>
    {
        var whole = script.Replace(Program, ThisProgram.InShell, StringComparison.Ordinal);
        if (call.Screen.IsJson)
            call.Screen.Json(new { shell, script = whole });
        else
            call.Terminal.Out.WriteLine(whole);

        return Task.CompletedTask;
    });
}
