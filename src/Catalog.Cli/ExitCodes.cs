namespace Catalog.Cli;

internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The catalog refused, or the operation failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong.</summary>
    public const int Usage = 2;

    /// <summary>Ended by Ctrl-C or a signal (128 + SIGINT, as shells count).</summary>
    public const int Interrupted = 130;
}

/// <summary>The command line was wrong in a way only seen while running it.</summary>
internal sealed class UsageException(string message) : Exception(message);
