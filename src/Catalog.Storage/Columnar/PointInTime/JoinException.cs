namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>
/// A join cannot be made as it was asked for: <see cref="Code"/> is stable, the message names the view, column or number.
/// </summary>
public sealed class JoinException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>A column is not there, or of a type that its use does not allow; or two would have one name.</summary>
    public const string BadColumns = "join.bad_columns";

    /// <summary>A number or time of the request is out of range.</summary>
    public const string BadRequest = "join.bad_request";

    /// <summary>
    /// A value does not fit: a time beyond what microseconds can tell, a sum beyond <c>int64</c>, an embedding of another length.
    /// </summary>
    public const string BadValue = "join.bad_value";

    /// <summary>One of the constants of this class.</summary>
    public string Code { get; } = code;
}
