namespace Catalog.Cli;

/// <summary>How a shell starts this very program, whatever alias it was called by.</summary>
internal static class ThisProgram
{
    /// <summary>The program's words, quoted: its file, or <c>dotnet</c> and its assembly.</summary>
    public static string InShell => Environment.ProcessPath switch
    {
        null => "catalog",
        var path when Path.GetFileNameWithoutExtension(path) is "dotnet" =>
            $"{Quoted(path)} {Quoted(Path.Combine(AppContext.BaseDirectory, "Catalog.Cli.dll"))}",
        var path => Quoted(path),
    };

    /// <summary>One word of a command line.</summary>
    public static string Quoted(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or ':' or '\\')
        ? path
        : OperatingSystem.IsWindows() ? $"\"{path}\"" : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
