using System.Reflection;

namespace Catalog.Storage.Columnar;

/// <summary>What a library calls itself and its version: <c>ParquetSharp 25.0.1.2</c>.</summary>
internal static class EngineVersion
{
    public static string Of(string library, Type type)
    {
        var assembly = type.Assembly;
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString();
        return $"{library} {version?.Split('+')[0]}";
    }
}
