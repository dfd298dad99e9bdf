namespace Catalog.Storage.Columnar;

/// <summary>A scan cannot be made as it was asked for: <see cref="Code"/> is stable, the message names the column or file.</summary>
public sealed class ScanException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>A column is asked for that the files do not have, or asked for twice.</summary>
    public const string BadColumns = "scan.bad_columns";

    /// <summary>A condition names an unknown column or operator, or compares a column with what it cannot hold.</summary>
    public const string BadCondition = "scan.bad_condition";

    /// <summary>A number of the request is out of range.</summary>
    public const string BadRequest = "scan.bad_request";

    /// <summary>Two of the files do not have the same columns.</summary>
    public const string SchemasDiffer = "scan.schemas_differ";

    /// <summary>The engine that was chosen cannot read the file; another may.</summary>
    public const string Unsupported = "scan.unsupported";

    /// <summary>One of the constants of this class.</summary>
    public string Code { get; } = code;
}
