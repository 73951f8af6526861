//! Workbooks written byte by byte.

/// The namespace of sheets.
pub(super) const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// The smallest workbook: one sheet `Applications`, a date as its second cell style.
pub(super) fn excel(sheet: &str, properties: &str) -> Vec<u8> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relation = |id: &str, kind: &str, target: &str| {
        format!(r#"<Relationship Id="{id}" Type="{office}/{kind}" Target="{target}"/>"#)
    };
    let related = |all: &str| format!(r#"<Relationships xmlns="{package}">{all}</Relationships>"#);
    zip(&[
        ("_rels/.rels", &related(&relation("r1", "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            &format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{office}">{properties}
                <sheets><sheet name="Applications" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &related(&(relation("r1", "worksheet", "worksheets/sheet1.xml") + &relation("r2", "styles", "styles.xml"))),
        ),
        (
            "xl/styles.xml",
            &format!(
                r#"<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#
            ),
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

/// A ZIP archive whose files are stored as they are.
pub(super) fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let offset = out.len() as u32;
        let mut entry = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        entry.extend(crc.sum().to_le_bytes());
        entry.extend((text.len() as u32).to_le_bytes().repeat(2));
        entry.extend((name.len() as u32).to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&entry);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&entry);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, size, count) = (out.len() as u32, directory.len() as u32, files.len() as u16);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes().repeat(2));
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// What a workbook with a password is on the outside: a compound file with an encrypted package.
pub(super) fn encrypted() -> Vec<u8> {
    const FREE: u32 = 0xffff_ffff;
    const END: u32 = 0xffff_fffe;
    let mut out = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    out.extend([0; 16]);
    out.extend([0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    out.extend([0; 10]);
    for number in [1, 1, 0, 4096, END, 0, END, 0, 0] {
        out.extend(u32::to_le_bytes(number));
    }
    out.resize(512, 0xff);
    for number in [0xffff_fffd, END] {
        out.extend(u32::to_le_bytes(number));
    }
    out.resize(1024, 0xff);
    for (name, kind) in [("Root Entry", 5), ("EncryptedPackage", 2), ("", 0), ("", 0)] {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry.resize(64, 0);
        entry.extend((name.len() as u16 * 2 + 2).to_le_bytes());
        entry.extend([kind, 1]);
        entry.extend(FREE.to_le_bytes().repeat(3));
        entry.resize(116, 0);
        entry.extend(END.to_le_bytes());
        entry.resize(128, 0);
        out.extend(entry);
    }
    out
}
