namespace Catalog.Storage.Objects;

/// <summary>A store that has some objects as files of this machine, for those who read at random or map files into memory.</summary>
internal interface ILocalCopies
{
    /// <summary>The path of an object that is here whole; null where it is not. The file may be removed at any time.</summary>
    string? FindPath(string key);
}
