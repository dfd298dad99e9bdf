namespace Catalog.Storage.Files;

/// <summary>
/// The catalog refuses a file: <see cref="Code"/> is stable, <see cref="Exception.Message"/> names the file and says why.
/// </summary>
public sealed class FileException : Exception
{
    /// <summary>The path or URI is outside every allowed root, whether or not anything is there.</summary>
    public const string OutsideRoots = "file.outside_roots";

    /// <summary>Nothing is there.</summary>
    public const string NotFound = "file.not_found";

    /// <summary>A folder, pipe, device or socket where a file was asked for, or a file where a folder was.</summary>
    public const string NotRegular = "file.not_regular";

    /// <summary>Neither an absolute path nor a well-formed <c>file://</c> URI of this machine.</summary>
    public const string BadName = "file.bad_name";

    /// <summary>It is there, but this process may not read it, or reading failed.</summary>
    public const string Unreadable = "file.unreadable";

    /// <summary>It is not what it was when it was first looked at, or not what was announced.</summary>
    public const string Changed = "file.changed";

    /// <summary>It was to be Parquet and is not, or is damaged.</summary>
    public const string NotParquet = "file.not_parquet";

    private FileException(string code, string file, string message, Exception? inner)
        : base(message, inner) => (Code, File) = (code, file);

    /// <summary>One of the constants of this class.</summary>
    public string Code { get; }

    /// <summary>The path or URI as it was asked for.</summary>
    public string File { get; }

    internal static FileException Because(string code, string file, string why, Exception? inner = null) =>
        new(code, file, $"'{file}' {why}.", inner);

    internal static FileException From(string file, Exception fault) => fault switch
    {
        FileException known => known,
        FileNotFoundException or DirectoryNotFoundException => Because(NotFound, file, "is not there", fault),
        UnauthorizedAccessException => Because(Unreadable, file, "cannot be read: this process has no permission", fault),
        _ => Because(Unreadable, file, $"cannot be read: {fault.Message.TrimEnd('.')}", fault),
    };
}
